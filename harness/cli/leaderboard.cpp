// SPDX-License-Identifier: Apache-2.0
// mneme leaderboard.
#include <fmt/format.h>
#include <base/text.hpp>
#include <benchmarks/dataset.hpp>
#include <results/results.hpp>

#include <base/error.hpp>
#include "cli/board_text.hpp"
#include "cli/commands.hpp"
#include "cli/newer_runs.hpp"
#include "cli/options.hpp"
#include "scheduler/merge_runs.hpp"

namespace mneme::cli {
namespace {

using base::ExitCode;

struct LeaderboardOptions {
    Paths paths;
    std::string metric = "average_accuracy";
    OutputOptions output;
};

std::vector<std::string> metric_names() {
    std::vector<std::string> names;
    for (const auto& metric : results::metrics()) names.push_back(metric.name);
    return names;
}

void declare(Arguments& arguments, LeaderboardOptions& to) {
    arguments.values("paths", to.paths, {"PATH...", "results folders or files", true});
    arguments.value("--metric", to.metric,
                    {.type = "M",
                     .help = "what to rank by (default: average_accuracy)",
                     .suggestions = metric_names()});
    cli::declare(arguments, to.output, "table, markdown, latex, csv or json");
}

void require_comparable(const results::File& file) {
    for (const results::Block& block : file.blocks)
        if (block.evaluated_on != file.blocks.front().evaluated_on)
            throw base::ExitError(
                ExitCode::bad_input,
                fmt::format("leaderboard: {} is evaluated on {}, {} on {}; give results of one "
                            "kind",
                            block.benchmark, block.evaluated_on, file.blocks.front().benchmark,
                            file.blocks.front().evaluated_on));
}

const results::Metric& metric_named(const std::string& name) {
    if (const auto* found = results::find_metric(name)) return *found;
    const std::vector<std::string> known = metric_names();
    const std::string near = base::nearest(name, known);
    throw base::ExitError(
        ExitCode::usage,
        fmt::format("--metric {}: unknown; {}", name,
                    near.empty() ? fmt::format("known are {}", fmt::join(known, ", "))
                                 : fmt::format("the nearest known one is \"{}\"", near)));
}

ExitCode leaderboard(const LeaderboardOptions& options, const Console& console,
                     const std::string&) {
    const results::Metric& metric = metric_named(options.metric);
    const results::File file = scheduler::read_results(options.paths);
    for (const std::string& note : file.notes) console.warn(note);
    for (const std::filesystem::path& path : options.paths)
        if (const std::string note = newer_runs_note(path); !note.empty()) console.warn(note);
    require_comparable(file);
    std::vector<Board> boards;
    for (const results::Block& block : file.blocks) boards.push_back(make_board(block, metric));
    print_result(board_text(boards, options.output.wanted()));
    return ExitCode::done;
}

} // namespace

Command leaderboard_command() {
    return command("leaderboard", "rank methods, with intervals over seeds", declare, leaderboard);
}

} // namespace mneme::cli
