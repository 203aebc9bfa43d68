// SPDX-License-Identifier: Apache-2.0
// mneme metrics: those that need more than the accuracy matrix; adds some to a results file from
// what the file holds.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <base/atomic_file.hpp>
#include <base/error.hpp>
#include <base/text.hpp>
#include <results/results.hpp>
#include <results/run_metrics.hpp>

#include "cli/commands.hpp"
#include "leaderboard/measure.hpp"

namespace fs = std::filesystem;

namespace mneme::cli {
namespace {

using base::ExitCode;
using results::Block;
using results::RunMetric;

struct MetricsOptions {
    fs::path path, output;
    std::vector<std::string> add;
};

std::vector<std::string> names_that_can_be_added() {
    std::vector<std::string> names;
    for (const RunMetric& metric : results::run_metrics())
        if (metric.on_request) names.push_back(metric.name);
    return names;
}

void declare(Arguments& arguments, MetricsOptions& to) {
    arguments.value("path", to.path, {"PATH", "results file or folder", true});
    arguments.values("--add", to.add,
                     {.type = "NAME",
                      .help = "compute this metric and store it in the file (repeatable)",
                      .suggestions = names_that_can_be_added()});
    arguments.value("-o,--output", to.output,
                    {"FILE", "results file to write (default: the same file)"});
}

bool is_stored(const RunMetric& metric, const Block& block) {
    const auto& added = block.added_metrics;
    return results::is_defined(metric, block) &&
           (!metric.on_request ||
            std::find(added.begin(), added.end(), metric.name) != added.end());
}

std::string state_of(const RunMetric& metric, const Block& block) {
    if (is_stored(metric, block)) return "in the file";
    if (results::is_defined(metric, block)) return "--add";
    return fmt::format("needs {}", metric.kept_by);
}

std::string listing_of(const results::File& file) {
    std::string text;
    for (const Block& block : file.blocks) {
        text += fmt::format("{}\n{:<34} {:<7} {}\n", block.benchmark, "metric", "better",
                            "where it is, or what it needs");
        for (const RunMetric& metric : results::run_metrics())
            text +=
                fmt::format("{:<34} {:<7} {}\n", metric.name,
                            metric.higher_is_better ? "higher" : "lower", state_of(metric, block));
    }
    return text;
}

void require_known(const std::string& name) {
    const RunMetric* metric = results::find_run_metric(name);
    if (metric && metric->on_request) return;
    if (metric)
        throw base::ExitError(
            ExitCode::usage,
            fmt::format("--add {}: a file has it without being asked, where it holds what the "
                        "metric needs: {}",
                        name, metric->kept_by));
    throw base::ExitError(ExitCode::usage,
                          fmt::format("--add {}: unknown; {}", base::one_line(name),
                                      base::nearest_or_all(name, names_that_can_be_added())));
}

// In every benchmark of the file that has what the metric needs; one of them at least.
void add(const std::string& name, results::File& file, const fs::path& path) {
    const RunMetric& metric = *results::find_run_metric(name);
    bool somewhere = false;
    for (Block& block : file.blocks) {
        if (!results::is_defined(metric, block)) continue;
        somewhere = true;
        if (!is_stored(metric, block)) block.added_metrics.push_back(name);
    }
    if (!somewhere)
        throw base::ExitError(ExitCode::bad_input,
                              fmt::format("{}: {} cannot be computed from it: it has no {}; run "
                                          "again with {}",
                                          path.string(), name, metric.needs, metric.kept_by));
}

// Mean over complete seeds.
double mean(const RunMetric& metric, const Block& block, std::size_t m) {
    const std::size_t N = block.seeds.size();
    double sum = 0;
    int terms = 0;
    for (std::size_t n = 0; n < N; ++n)
        if (block.outcome.at({m, n}) == static_cast<std::int32_t>(results::Outcome::complete))
            sum += metric.value(block, m * N + n), ++terms;
    return terms == 0 ? std::nan("") : sum / terms;
}

std::string values_of(const std::vector<std::string>& names, const results::File& file) {
    std::string text;
    for (const Block& block : file.blocks)
        for (const std::string& name : names) {
            const RunMetric& metric = *results::find_run_metric(name);
            if (!results::is_defined(metric, block)) continue;
            text += fmt::format("{}: {}, mean over complete seeds\n", block.benchmark, name);
            for (std::size_t m = 0; m < block.methods.size(); ++m)
                text += fmt::format("{:<34} {:>9}\n", base::one_line(block.methods[m]),
                                    leaderboard::shown(leaderboard::find_any_measure(name)->unit,
                                                       mean(metric, block, m)));
        }
    return text;
}

ExitCode metrics(const MetricsOptions& options, const Console& console, const std::string&) {
    const fs::path path =
        fs::is_directory(options.path) ? options.path / "results.h5" : options.path;
    if (options.add.empty() && !options.output.empty())
        throw base::ExitError(ExitCode::usage,
                              "--output needs --add NAME: without it nothing is "
                              "written");
    for (const std::string& name : options.add) require_known(name);
    results::File file = results::read(path);
    if (options.add.empty()) {
        print_result(listing_of(file));
        return ExitCode::done;
    }
    for (const std::string& name : options.add) add(name, file, path);
    const fs::path output = options.output.empty() ? path : options.output;
    if (!options.output.empty()) base::require_place_for_file(output);
    results::write(output, file);
    print_result(values_of(options.add, file));
    console.say("written: " + output.string());
    return ExitCode::done;
}

} // namespace

Command metrics_command() {
    return command("metrics", "metrics beyond the accuracy matrix; --add computes one later",
                   declare, metrics);
}

} // namespace mneme::cli
