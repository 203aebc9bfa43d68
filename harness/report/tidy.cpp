// SPDX-License-Identifier: Apache-2.0
#include "report/tidy.hpp"

#include <algorithm>
#include <cmath>
#include <variant>

#include <fmt/format.h>
#include <base/text.hpp>
#include <results/metrics.hpp>

#include "report/escape.hpp"
#include "report/numbers.hpp"
#include "report/settings.hpp"

namespace mneme::report {
namespace {

using Cell = std::variant<std::string, std::int64_t, double>;
using Row = std::vector<Cell>;
using Emit = std::function<void(const Row&)>; // what follows benchmark, method, seed

std::string csv_text(const std::string& text) {
    if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
    std::string out = "\"";
    for (char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + '"';
}

std::string csv_cell(const Cell& cell) {
    if (const auto* text = std::get_if<std::string>(&cell)) return csv_text(*text);
    if (const auto* whole = std::get_if<std::int64_t>(&cell)) return fmt::format("{}", *whole);
    const double value = std::get<double>(cell);
    return std::isnan(value) ? "" : base::number(value);
}

std::string json_cell(const Cell& cell) {
    if (const auto* text = std::get_if<std::string>(&cell))
        return '"' + escaped(*text, Place::script) + '"';
    if (const auto* whole = std::get_if<std::int64_t>(&cell)) return fmt::format("{}", *whole);
    const double value = std::get<double>(cell);
    return std::isfinite(value) ? base::number(value) : "null"; // JSON has no infinity
}

std::string line_of(const std::vector<std::string>& columns, const Row& row, FlatFormat format) {
    std::string out;
    for (std::size_t c = 0; c < row.size(); ++c) {
        if (c > 0) out += ',';
        if (format == FlatFormat::csv) out += csv_cell(row[c]);
        else out += '"' + escaped(columns[c], Place::script) + "\":" + json_cell(row[c]);
    }
    return format == FlatFormat::csv ? out + "\n" : "{" + out + "}\n";
}

void matrix_rows(const results::Block& block, std::size_t m, std::size_t s, Flat what,
                 const Emit& emit) {
    const std::size_t tasks = block.tasks.size();
    const std::vector<double> values =
        what == Flat::accuracy ? accuracy_of(block, m, s) : forgetting_of(block, m, s);
    for (std::size_t i = 0; i < tasks; ++i)
        for (std::size_t j = 0; j < tasks; ++j) {
            const double value = values[i * tasks + j];
            if (std::isnan(value)) continue;
            Row row{std::int64_t(i + 1), std::int64_t(j + 1)};
            if (what == Flat::accuracy) {
                const auto count = [](std::int32_t known) {
                    return known < 0 ? Cell(std::string()) : Cell(std::int64_t(known)); // imported
                };
                row.push_back(count(block.n_correct.at({m, s, i, j})));
                row.push_back(count(block.n_evaluated.at({j})));
            }
            row.emplace_back(value);
            emit(row);
        }
}

void metric_rows(const results::Block& block, std::size_t m, std::size_t s, const Emit& emit) {
    const std::vector<double> matrix = accuracy_of(block, m, s);
    const std::vector<double> initial = initial_accuracy_of(block, m, s);
    const std::string outcome = results::name(results::Outcome(block.outcome.at({m, s})));
    for (const results::Metric& metric : results::metrics())
        emit({outcome, std::string(metric.name),
              metric.value({matrix, block.tasks.size()}, initial)});
}

using Costs = results::Array<double> results::Block::*;
constexpr std::pair<const char*, Costs> costs[] = {
    {"train_seconds", &results::Block::train_seconds},
    {"evaluate_seconds", &results::Block::evaluate_seconds},
    {"end_task_seconds", &results::Block::end_task_seconds},
    {"train_samples", &results::Block::train_samples},
    {"optimizer_steps", &results::Block::optimizer_steps},
    {"kept_bytes", &results::Block::kept_bytes},
    {"peak_rss_bytes", &results::Block::peak_rss_bytes},
    {"peak_device_bytes", &results::Block::peak_device_bytes}};

void cost_rows(const results::Block& block, std::size_t m, std::size_t s, const Emit& emit) {
    for (std::size_t t = 0; t < block.tasks.size(); ++t) {
        Row row{std::int64_t(t + 1)};
        bool known = false;
        for (const auto& [name, member] : costs) {
            const auto& array = block.*member;
            row.emplace_back(array.empty() ? std::nan("") : array.at({m, s, t}));
            known = known || !std::isnan(std::get<double>(row.back()));
        }
        if (known) emit(row);
    }
}

void curve_rows(const results::Block& block, std::size_t m, std::size_t s, const Emit& emit) {
    if (block.train_loss.empty()) return;
    for (std::size_t k = 0; k < block.task_of_point.data.size(); ++k)
        if (const double loss = block.train_loss.at({m, s, k}); !std::isnan(loss))
            emit({std::int64_t(k + 1), std::int64_t(block.task_of_point.at({k})), loss});
}

std::vector<std::string> own_columns(Flat what) {
    switch (what) {
        case Flat::accuracy:
            return {"trained_task", "evaluated_task", "n_correct", "n_evaluated", "accuracy"};
        case Flat::forgetting: return {"trained_task", "evaluated_task", "forgetting"};
        case Flat::metrics: return {"outcome", "metric", "value"};
        case Flat::curves: return {"point", "task", "train_loss"};
        case Flat::cost: break;
    }
    std::vector<std::string> names{"trained_task"};
    for (const auto& [name, member] : costs) names.emplace_back(name);
    return names;
}

void rows_of_run(const results::Block& block, std::size_t m, std::size_t s, Flat what,
                 const Emit& emit) {
    switch (what) {
        case Flat::accuracy:
        case Flat::forgetting: return matrix_rows(block, m, s, what, emit);
        case Flat::metrics: return metric_rows(block, m, s, emit);
        case Flat::cost: return cost_rows(block, m, s, emit);
        case Flat::curves: return curve_rows(block, m, s, emit);
    }
}

} // namespace

std::vector<std::string> flat_columns(const results::File& file, Flat what) {
    std::vector<std::string> columns{"benchmark", "method", "seed"};
    for (const std::string& name : own_columns(what)) columns.push_back(name);
    const std::size_t fixed = columns.size();
    for (const std::string& key : grid_keys(file)) {
        const auto end = columns.begin() + std::ptrdiff_t(fixed);
        const bool taken = std::find(columns.begin(), end, key) != end;
        columns.push_back(taken ? "option." + key : key);
    }
    return columns;
}

void write_flat(const results::File& file, Flat what, FlatFormat format,
                const std::function<void(std::string_view)>& put) {
    const std::vector<std::string> columns = flat_columns(file, what);
    if (format == FlatFormat::csv) {
        std::vector<std::string> heads;
        for (const std::string& column : columns) heads.push_back(csv_text(column));
        put(base::joined(heads, ",") + "\n");
    }
    const std::vector<std::string> keys = grid_keys(file);
    for (const results::Block& block : file.blocks)
        for (std::size_t m = 0; m < block.methods.size(); ++m) {
            const Settings settings = settings_of(block, block.methods[m]);
            Row grid;
            for (const std::string& key : keys) {
                const auto found = settings.find(key);
                grid.emplace_back(found == settings.end() ? std::string() : found->second);
            }
            for (std::size_t s = 0; s < block.seeds.size(); ++s)
                rows_of_run(block, m, s, what, [&](const Row& own) {
                    Row row{block.benchmark, block.methods[m], std::int64_t(block.seeds[s])};
                    row.insert(row.end(), own.begin(), own.end());
                    row.insert(row.end(), grid.begin(), grid.end());
                    put(line_of(columns, row, format));
                });
        }
}

} // namespace mneme::report
