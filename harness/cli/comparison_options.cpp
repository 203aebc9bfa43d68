// SPDX-License-Identifier: Apache-2.0
#include "cli/comparison_options.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <base/error.hpp>
#include <base/text.hpp>

namespace mneme::cli {
namespace {

using base::ExitCode;
using base::ExitError;

double number_in(const std::string& option, const std::string& text, double above, double below,
                 const std::string& expected) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !(value > above) ||
        !(value < below))
        throw ExitError(ExitCode::usage, fmt::format("{} {}: not usable; expected {}", option,
                                                     base::one_line(text), expected));
    return value;
}

} // namespace

void declare(Arguments& arguments, ComparisonOptions& to) {
    arguments.value("--metric", to.metric,
                    {.type = "M",
                     .help = "metric or cost to compare by (default: average_accuracy)",
                     .suggestions = leaderboard::all_measure_names()});
    arguments.value("--margin", to.margin,
                    {"X",
                     "differences within X count as equal: points of accuracy (default: 1), "
                     "or the cost's own unit (default: none)"});
    arguments.value("--alpha", to.alpha, {"A", "level of the tests (default: 0.05)"});
    arguments.values("--benchmark", to.benchmarks, {"NAME", "only this benchmark (repeatable)"});
}

leaderboard::BoardOptions board_options(const ComparisonOptions& options) {
    leaderboard::BoardOptions out;
    out.metric = options.metric;
    // Of a much smaller one, 1 - alpha is 1, and no interval has that level.
    out.alpha = number_in("--alpha", options.alpha, 1e-6, 0.5, "a level between 1e-6 and 0.5");
    if (options.margin.empty()) return out;
    const double margin =
        number_in("--margin", options.margin, 0, 1e300, "a number above 0, in points");
    const leaderboard::Measure* measure = leaderboard::find_any_measure(options.metric);
    out.margin = measure && measure->unit != leaderboard::Unit::share ? margin : margin / 100;
    return out;
}

void keep_benchmarks(std::initializer_list<std::vector<results::Block>*> groups,
                     const ComparisonOptions& options) {
    std::vector<std::string> known;
    for (const auto* group : groups)
        for (const results::Block& block : *group) known.push_back(block.benchmark);
    for (const std::string& name : options.benchmarks)
        if (std::find(known.begin(), known.end(), name) == known.end())
            throw ExitError(ExitCode::usage,
                            fmt::format("--benchmark {}: not in these results; {}",
                                        base::one_line(name), base::nearest_or_all(name, known)));
    if (options.benchmarks.empty()) return;
    for (auto* group : groups)
        std::erase_if(*group, [&](const results::Block& block) {
            return std::find(options.benchmarks.begin(), options.benchmarks.end(),
                             block.benchmark) == options.benchmarks.end();
        });
}

} // namespace mneme::cli
