// SPDX-License-Identifier: Apache-2.0
#include "cli/failed_runs.hpp"

#include <map>
#include <tuple>

#include <fmt/format.h>

namespace mneme::cli {
namespace {

using results::Outcome;

struct Ending {
    Outcome outcome;
    std::string message;
};
using RunKey = std::tuple<std::string, std::string, std::int64_t>; // benchmark, method, seed

std::map<RunKey, Ending> failures_of(const results::File& file) {
    std::map<RunKey, Ending> failures;
    for (const results::Block& block : file.blocks)
        for (std::size_t m = 0; m < block.methods.size(); ++m)
            for (std::size_t s = 0; s < block.seeds.size(); ++s) {
                const auto outcome = Outcome(block.outcome.at({m, s}));
                if (outcome == Outcome::failed || outcome == Outcome::timeout ||
                    outcome == Outcome::refused)
                    failures[{block.benchmark, block.methods[m], block.seeds[s]}] = {
                        outcome, block.outcome_message.at({m, s})};
            }
    return failures;
}

} // namespace

std::vector<std::string> failed_runs(const harness::Plan& plan, const results::File& file,
                                     const scheduler::ResultsFolder& folder,
                                     const scheduler::Repeat& repeat) {
    const std::map<RunKey, Ending> failures = failures_of(file);
    std::vector<std::string> lines;
    for (const protocol::Cell& cell : plan.cells)
        for (const protocol::Run& run : cell.runs) {
            const auto found = failures.find({cell.spec().name, run.label, run.seed});
            if (found == failures.end() || !repeat.selected(cell, run)) continue;
            std::error_code ignored;
            const auto log = folder.log(cell.runs.front().digest);
            lines.push_back(fmt::format(
                "{}: {}, seed {}, {}: {}{}", results::name(found->second.outcome), run.label,
                run.seed, cell.spec().name, found->second.message,
                std::filesystem::exists(log, ignored) ? fmt::format(" (its log: {})", log.string())
                                                      : ""));
        }
    return lines;
}

} // namespace mneme::cli
