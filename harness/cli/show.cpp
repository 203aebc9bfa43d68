// SPDX-License-Identifier: Apache-2.0
// mneme show.
#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <base/error.hpp>
#include <base/text.hpp>
#include <report/geometry_text.hpp>
#include <report/terminal.hpp>

#include "cli/commands.hpp"
#include "scheduler/merge_runs.hpp"

namespace mneme::cli {
namespace {

constexpr std::int64_t no_seed = std::numeric_limits<std::int64_t>::max();

struct ShowOptions {
    std::filesystem::path path;
    std::string method, metric = "accuracy";
    std::int64_t seed = no_seed;
};

void declare(Arguments& arguments, ShowOptions& to) {
    arguments.value("path", to.path, {"FILE", "results file or folder", true});
    arguments.value("--method", to.method, {"M", "only this method"});
    arguments.value("--metric", to.metric,
                    {"NAME",
                     "accuracy (default), forgetting, loss, or barrier: of lines between minima",
                     false,
                     {"accuracy", "forgetting", "loss", "barrier"}});
    arguments.value("--seed", to.seed,
                    {.type = "N",
                     .help = "of one seed (default: the mean over complete seeds)",
                     .least = std::numeric_limits<std::int32_t>::min()});
}

void require_method(const results::File& file, const std::string& method) {
    std::vector<std::string> known;
    for (const results::Block& block : file.blocks)
        known.insert(known.end(), block.methods.begin(), block.methods.end());
    if (method.empty() || std::find(known.begin(), known.end(), method) != known.end()) return;
    const std::string near = base::nearest(method, known);
    throw base::ExitError(
        base::ExitCode::usage,
        fmt::format("--method {}: not in the file; use {}", method,
                    near.empty() ? base::joined(known) : fmt::format("\"{}\"", near)));
}

base::ExitCode show(const ShowOptions& options, const Console&, const std::string&) {
    const results::File file = scheduler::read_results({options.path});
    require_method(file, options.method);
    if (options.metric == "barrier") {
        const std::string barriers = report::geometry_text(file, options.method);
        if (barriers.empty())
            throw base::ExitError(
                base::ExitCode::usage,
                fmt::format(
                    "--metric barrier: {} holds no lines; `mneme geometry {}` evaluates them",
                    options.path.string(), options.path.string()));
        print_result(barriers);
        return base::ExitCode::done;
    }
    report::ShowOptions wanted;
    wanted.method = options.method;
    wanted.metric = options.metric == "accuracy"     ? report::Shown::accuracy
                    : options.metric == "forgetting" ? report::Shown::forgetting
                                                     : report::Shown::loss;
    if (options.seed != no_seed) wanted.seed = std::int32_t(options.seed);
    wanted.colour = colour_on_stdout();
    const std::string text = report::show(file, wanted);
    if (text.empty())
        throw base::ExitError(
            base::ExitCode::usage,
            fmt::format("--seed {}: not in the file; use a seed that `mneme leaderboard` names",
                        options.seed));
    print_result(text);
    return base::ExitCode::done;
}

} // namespace

Command show_command() {
    return command("show", "accuracy, forgetting or loss matrices in the terminal", declare, show);
}

} // namespace mneme::cli
