// SPDX-License-Identifier: Apache-2.0
#include "report/flat_rows.hpp"

#include <cmath>

#include <results/geometry.hpp>
#include <results/metrics.hpp>

#include "report/geometry_text.hpp"
#include "report/numbers.hpp"

namespace mneme::report {
namespace {

using Emit = std::function<void(const Row&)>;

Cell count(std::int32_t known) {
    return known < 0 ? Cell(std::string()) : Cell(std::int64_t(known));
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

void confusion_rows(const results::Block& block, std::size_t m, std::size_t s, const Emit& emit) {
    if (block.confusion.empty()) return;
    const std::size_t classes = block.confusion.shape.back();
    for (std::size_t t = 0; t < block.tasks.size(); ++t)
        for (std::size_t k = 0; k < classes; ++k)
            for (std::size_t p = 0; p < classes; ++p)
                if (const auto n = block.confusion.at({m, s, t, k, p}); n >= 0)
                    emit({std::int64_t(t + 1), std::int64_t(k), std::int64_t(p), std::int64_t(n)});
}

void inside_rows(const results::Block& block, std::size_t m, std::size_t s, const Emit& emit) {
    if (block.continual_step.empty()) return;
    for (std::size_t t = 0; t < block.tasks.size(); ++t)
        for (std::size_t e = 0; e < block.continual_step.shape.back(); ++e)
            for (std::size_t j = 0; j < block.tasks.size(); ++j) {
                const std::int32_t right = block.continual_correct.at({m, s, t, e, j});
                const std::int32_t all = block.continual_evaluated.at({j});
                if (right < 0) continue;
                emit({std::int64_t(t + 1), std::int64_t(e + 1),
                      std::int64_t(block.continual_step.at({m, s, t, e})), std::int64_t(j + 1),
                      std::int64_t(right), std::int64_t(all), double(right) / double(all)});
            }
}

void line_rows(const results::Block& block, std::size_t m, std::size_t s, const Emit& emit) {
    if (block.geometry_loss.empty()) return;
    for (std::size_t g = 0; g < block.geometry_pair_from.data.size(); ++g)
        for (std::size_t p = 0; p < block.geometry_position.data.size(); ++p)
            for (std::size_t j = 0; j < block.tasks.size(); ++j) {
                const double loss = block.geometry_loss.at({m, s, g, p, j});
                if (std::isnan(loss)) continue;
                const auto after = [&](const results::Array<double>& matched) {
                    return matched.empty() ? std::nan("") : matched.at({m, s, g, p, j});
                };
                emit({std::int64_t(block.geometry_pair_from.at({g})),
                      std::int64_t(block.geometry_pair_to.at({g})), block.geometry_position.at({p}),
                      std::int64_t(j + 1), loss, after(block.geometry_matched_loss),
                      after(block.geometry_l2_loss), after(block.geometry_mid_loss)});
            }
}

void barrier_rows(const results::Block& block, std::size_t m, std::size_t s, const Emit& emit) {
    if (block.geometry_loss.empty()) return;
    for (std::size_t g = 0; g < block.geometry_pair_from.data.size(); ++g)
        for (std::size_t j = 0; j < block.tasks.size(); ++j) {
            if (std::isnan(block.geometry_loss.at({m, s, g, 0, j}))) continue;
            Row row{std::int64_t(block.geometry_pair_from.at({g})),
                    std::int64_t(block.geometry_pair_to.at({g})), std::int64_t(j + 1),
                    block.geometry_distance.at({m, s, g})};
            for (const auto* loss : {&block.geometry_loss, &block.geometry_matched_loss,
                                     &block.geometry_l2_loss, &block.geometry_mid_loss})
                row.emplace_back(loss->empty()
                                     ? std::nan("")
                                     : results::barrier(loss_on_line(block, *loss, m, s, g, j),
                                                        results::BarrierOver::line));
            row.emplace_back(block.geometry_cka.empty() ? std::nan("")
                                                        : block.geometry_cka.at({m, s, g, j}));
            emit(row);
        }
}

void plane_rows(const results::Block& block, std::size_t m, std::size_t s, const Emit& emit) {
    const auto& position = block.geometry_plane_position;
    for (std::size_t q = 0; q < block.geometry_plane_first.data.size(); ++q)
        for (std::size_t v = 0; v < position.data.size(); ++v)
            for (std::size_t u = 0; u < position.data.size(); ++u)
                for (std::size_t j = 0; j < block.tasks.size(); ++j)
                    if (const double loss = block.geometry_plane_loss.at({m, s, q, v, u, j});
                        !std::isnan(loss))
                        emit({std::int64_t(block.geometry_plane_first.at({q})),
                              std::int64_t(block.geometry_plane_second.at({q})),
                              std::int64_t(block.geometry_plane_third.at({q})), position.at({u}),
                              position.at({v}), std::int64_t(j + 1), loss});
}

void diagnostic_rows(const results::Block& block, std::size_t m, std::size_t s, const Emit& emit) {
    for (const auto& [name, diagnostic] : block.diagnostics)
        for (std::size_t t = 0; t < block.tasks.size(); ++t)
            if (const double value = diagnostic.values.at({m, s, t}); !std::isnan(value))
                emit({std::int64_t(t + 1), name, diagnostic.units, value});
}

} // namespace

std::vector<std::string> own_columns(Flat what) {
    switch (what) {
        case Flat::accuracy:
            return {"trained_task", "evaluated_task", "n_correct", "n_evaluated", "accuracy"};
        case Flat::forgetting: return {"trained_task", "evaluated_task", "forgetting"};
        case Flat::metrics: return {"outcome", "metric", "value"};
        case Flat::curves: return {"point", "task", "train_loss"};
        case Flat::confusion:
            return {"trained_task", "true_class", "predicted_class", "n_predicted"};
        case Flat::inside:
            return {"trained_task", "evaluation",  "step",    "evaluated_task",
                    "n_correct",    "n_evaluated", "accuracy"};
        case Flat::lines:
            return {"from_task", "to_task",      "position", "evaluated_task",
                    "loss",      "matched_loss", "l2_loss",  "mid_loss"};
        case Flat::barriers:
            return {"from_task",       "to_task",    "evaluated_task", "distance", "barrier",
                    "matched_barrier", "l2_barrier", "mid_barrier",    "cka"};
        case Flat::planes:
            return {"first_task", "second_task", "third_task", "u", "v", "evaluated_task", "loss"};
        case Flat::diagnostics: return {"trained_task", "diagnostic", "units", "value"};
        case Flat::cost: break;
    }
    std::vector<std::string> names{"trained_task"};
    for (const auto& [name, member] : costs) names.emplace_back(name);
    return names;
}

void rows_of_run(const results::Block& block, std::size_t m, std::size_t s, Flat what,
                 const std::function<void(const Row&)>& emit) {
    switch (what) {
        case Flat::accuracy:
        case Flat::forgetting: return matrix_rows(block, m, s, what, emit);
        case Flat::metrics: return metric_rows(block, m, s, emit);
        case Flat::cost: return cost_rows(block, m, s, emit);
        case Flat::curves: return curve_rows(block, m, s, emit);
        case Flat::confusion: return confusion_rows(block, m, s, emit);
        case Flat::inside: return inside_rows(block, m, s, emit);
        case Flat::lines: return line_rows(block, m, s, emit);
        case Flat::barriers: return barrier_rows(block, m, s, emit);
        case Flat::planes: return plane_rows(block, m, s, emit);
        case Flat::diagnostics: return diagnostic_rows(block, m, s, emit);
    }
}

} // namespace mneme::report
