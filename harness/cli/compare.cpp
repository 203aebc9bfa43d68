// SPDX-License-Identifier: Apache-2.0
// mneme compare.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <base/error.hpp>
#include <base/text.hpp>
#include <results/results.hpp>

#include "cli/commands.hpp"
#include "cli/comparison_options.hpp"
#include "cli/options.hpp"
#include "leaderboard/print_comparison.hpp"
#include "scheduler/merge_runs.hpp"

namespace mneme::cli {
namespace {

namespace fs = std::filesystem;
using base::ExitCode;
using base::ExitError;
using leaderboard::Comparison;
using leaderboard::Side;
using Sides = std::vector<std::pair<Side, Side>>; // one pair a benchmark

struct CompareOptions {
    std::string a, b;
    Paths paths;
    ComparisonOptions comparison;
    OutputOptions output;
};

void declare(Arguments& arguments, CompareOptions& to) {
    arguments.value("a", to.a, {"A", "a method of the results, or a results file or folder", true});
    arguments.value("b", to.b, {"B", "what to compare it with, of the same kind", true});
    arguments.values("paths", to.paths,
                     {"PATH...", "results that hold both methods; none where A and B are results"});
    declare(arguments, to.comparison);
    cli::declare(arguments, to.output, "table, markdown, latex, csv or json");
}

std::size_t position(const results::Block& block, const std::string& method) {
    return std::size_t(std::find(block.methods.begin(), block.methods.end(), method) -
                       block.methods.begin());
}

void require_method(const results::File& file, const std::string& method) {
    std::vector<std::string> known;
    for (const results::Block& block : file.blocks)
        for (const std::string& label : block.methods)
            if (std::find(known.begin(), known.end(), label) == known.end()) known.push_back(label);
    if (std::find(known.begin(), known.end(), method) != known.end()) return;
    throw ExitError(ExitCode::usage,
                    fmt::format("compare {}: no such method in these results; {}",
                                base::one_line(method), base::nearest_or_all(method, known)));
}

Comparison of_methods(const results::File& file, const CompareOptions& options) {
    require_method(file, options.a);
    require_method(file, options.b);
    Sides sides;
    for (const results::Block& block : file.blocks) {
        const std::size_t a = position(block, options.a), b = position(block, options.b);
        if (a < block.methods.size() && b < block.methods.size())
            sides.push_back({{&block, a, options.a}, {&block, b, options.b}});
    }
    if (sides.empty())
        throw ExitError(ExitCode::bad_input,
                        fmt::format("compare: {} and {} share no benchmark in these results; run "
                                    "them on the same one",
                                    base::one_line(options.a), base::one_line(options.b)));
    return compare(sides, board_options(options.comparison));
}

// The methods that both files have on one benchmark, each beside itself; or the only one of each.
std::vector<std::pair<std::size_t, std::size_t>> matching(const results::Block& a,
                                                          const results::Block& b) {
    std::vector<std::pair<std::size_t, std::size_t>> out;
    for (std::size_t m = 0; m < a.methods.size(); ++m)
        if (const std::size_t other = position(b, a.methods[m]); other < b.methods.size())
            out.emplace_back(m, other);
    if (out.empty() && a.methods.size() == 1 && b.methods.size() == 1) out.emplace_back(0, 0);
    return out;
}

std::vector<Comparison> of_files(const results::File& first, const results::File& second,
                                 const CompareOptions& options) {
    std::vector<std::pair<std::string, Sides>> by_method; // in the order of the first file
    for (const results::Block& a : first.blocks)
        for (const results::Block& b : second.blocks) {
            if (a.benchmark != b.benchmark) continue;
            for (const auto& [m, n] : matching(a, b)) {
                const std::string label = a.methods[m];
                auto found = std::find_if(by_method.begin(), by_method.end(),
                                          [&](const auto& one) { return one.first == label; });
                if (found == by_method.end())
                    found = by_method.insert(by_method.end(), {label, {}});
                found->second.push_back({{&a, m, label + " of " + options.a},
                                         {&b, n, b.methods[n] + " of " + options.b}});
            }
        }
    if (by_method.empty())
        throw ExitError(ExitCode::bad_input,
                        fmt::format("compare: {} and {} share no benchmark with a method of one "
                                    "name; compare results of one suite",
                                    options.a, options.b));
    std::vector<Comparison> out;
    for (const auto& [label, sides] : by_method)
        out.push_back(compare(sides, board_options(options.comparison)));
    return out;
}

ExitCode compare_results(const CompareOptions& options, const Console&, const std::string&) {
    if (options.a == options.b)
        throw ExitError(
            ExitCode::usage,
            fmt::format("compare {} {}: the same twice; name two methods or two results",
                        base::one_line(options.a), base::one_line(options.b)));
    std::error_code ignored;
    const bool files = options.paths.empty();
    if (files && (!fs::exists(options.a, ignored) || !fs::exists(options.b, ignored)))
        throw ExitError(ExitCode::usage,
                        fmt::format("compare {} {}: not two results files or folders; to compare "
                                    "methods, name the results that hold them: mneme compare {} {} "
                                    "RESULTS",
                                    base::one_line(options.a), base::one_line(options.b),
                                    base::one_line(options.a), base::one_line(options.b)));
    results::File first = scheduler::read_results(files ? Paths{options.a} : options.paths);
    keep_benchmarks({&first.blocks}, options.comparison);
    std::vector<Comparison> comparisons;
    if (files) {
        results::File second = scheduler::read_results({options.b});
        keep_benchmarks({&second.blocks}, options.comparison);
        comparisons = of_files(first, second, options);
    } else {
        comparisons = {of_methods(first, options)};
    }
    print_result(print(comparisons, options.output.wanted()));
    return ExitCode::done;
}

} // namespace

Command compare_command() {
    return command("compare", "compare two methods, or two results files, in full", declare,
                   compare_results);
}

} // namespace mneme::cli
