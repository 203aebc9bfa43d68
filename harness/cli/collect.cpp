// SPDX-License-Identifier: Apache-2.0
// mneme collect.
#include <fmt/format.h>

#include <base/atomic_file.hpp>
#include <base/error.hpp>
#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "scheduler/merge_runs.hpp"

namespace mneme::cli {
namespace {

using base::ExitCode;

namespace fs = std::filesystem;
struct CollectOptions {
    Paths paths;
    fs::path output;
};

void declare(Arguments& arguments, CollectOptions& to) {
    arguments.values(
        "dirs", to.paths,
        {"DIR...", "results folders or files; the first is written to, unless -o is given", true});
    arguments.value("-o,--output", to.output, {"FILE.h5", "the file to write"});
}

ExitCode collect(const CollectOptions& options, const Console& console, const std::string&) {
    const fs::path& first = options.paths.front();
    if (options.output.empty() && fs::exists(first) && !fs::is_directory(first))
        throw base::ExitError(
            ExitCode::usage,
            fmt::format("collect {}: a file cannot be written into; give -o FILE.h5, or a "
                        "folder as the first argument",
                        first.string()));
    const fs::path target = options.output.empty() ? first / "results.h5" : options.output;
    if (!options.output.empty()) base::require_place_for_file(target);
    const auto written = scheduler::collect(options.paths, target);
    for (const std::string& note : written.notes) console.warn(note);
    print_result(target.string() + "\n");
    console.say(fmt::format("{} runs on {} {}", written.runs, written.benchmarks,
                            written.benchmarks == 1 ? "benchmark" : "benchmarks"));
    return ExitCode::done;
}

} // namespace

Command collect_command() {
    return command("collect", "merge every run found into DIR/results.h5", declare, collect);
}

} // namespace mneme::cli
