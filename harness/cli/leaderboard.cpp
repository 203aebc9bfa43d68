// SPDX-License-Identifier: Apache-2.0
// mneme leaderboard.
#include <fmt/format.h>
#include <base/error.hpp>
#include <results/results.hpp>

#include "cli/commands.hpp"
#include "cli/comparison_options.hpp"
#include "cli/newer_runs.hpp"
#include "cli/options.hpp"
#include "leaderboard/print.hpp"
#include "scheduler/merge_runs.hpp"

namespace mneme::cli {
namespace {

using base::ExitCode;
using base::ExitError;

struct LeaderboardOptions {
    Paths paths;
    ComparisonOptions comparison;
    std::string sort, baseline, equal;
    std::vector<std::string> methods;
    bool wide = false, rank_imported = false;
    OutputOptions output;
};

void declare(Arguments& arguments, LeaderboardOptions& to) {
    arguments.values("paths", to.paths, {"PATH...", "results folders or files", true});
    declare(arguments, to.comparison);
    arguments.values("--method", to.methods, {"NAME", "only this method (repeatable)"});
    arguments.value("--baseline", to.baseline,
                    {"NAME", "compare every method with this one, instead of all pairs"});
    arguments.value("--sort", to.sort,
                    {"M", "list rows by this metric or cost, or by method (ranks stay)"});
    arguments.value("--equal", to.equal,
                    {.type = "WHAT",
                     .help = "rank only what keeps to the least budget: samples, seconds or bytes",
                     .choices = {"samples", "seconds", "bytes"}});
    arguments.flag("--rank-imported", to.rank_imported,
                   "rank other programs' numbers too, though their data may be others");
    arguments.flag("--wide", to.wide, "every metric and cost, wider than 80 columns");
    cli::declare(arguments, to.output, "table, markdown, latex, csv or json");
}

void require_comparable(const results::File& file) {
    for (const results::Block& block : file.blocks)
        if (block.evaluated_on != file.blocks.front().evaluated_on)
            throw ExitError(
                ExitCode::bad_input,
                fmt::format("leaderboard: {} is evaluated on {}, {} on {}; choose "
                            "benchmarks of one split with --benchmark",
                            block.benchmark, block.evaluated_on, file.blocks.front().benchmark,
                            file.blocks.front().evaluated_on));
}

ExitCode leaderboard(const LeaderboardOptions& options, const Console& console,
                     const std::string&) {
    leaderboard::BoardOptions board = board_options(options.comparison);
    board.sort = options.sort;
    board.baseline = options.baseline;
    board.equal = options.equal;
    board.methods = options.methods;
    board.rank_imported = options.rank_imported;
    std::vector<results::Block> imported;
    results::File file = scheduler::read_results(options.paths, &imported);
    keep_benchmarks({&file.blocks, &imported}, options.comparison);
    const auto compared = leaderboard::set_beside(file.blocks, imported, file.notes);
    for (const std::string& note : file.notes) console.warn(note);
    for (const std::filesystem::path& path : options.paths)
        if (const std::string note = newer_runs_note(path); !note.empty()) console.warn(note);
    require_comparable(file);
    const auto boards = leaderboard::make_leaderboard(compared, board);
    print_result(print(boards, options.output.wanted(), options.wide));
    return ExitCode::done;
}

} // namespace

Command leaderboard_command() {
    return command("leaderboard", "rank methods and say what the seeds decide", declare,
                   leaderboard);
}

} // namespace mneme::cli
