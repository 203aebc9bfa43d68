// SPDX-License-Identifier: Apache-2.0
// mneme collect.
#include <fmt/format.h>
#include <results/results.hpp>

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
    const results::File file = scheduler::merge_paths(options.paths);
    for (const std::string& note : file.notes) console.warn(note);
    const fs::path& first = options.paths.front();
    if (options.output.empty() && !fs::is_directory(first))
        throw base::ExitError(
            ExitCode::usage,
            fmt::format("collect {}: a file cannot be written into; give -o FILE.h5, or a "
                        "folder as the first argument",
                        first.string()));
    const fs::path target = options.output.empty() ? first / "results.h5" : options.output;
    if (!options.output.empty()) base::require_place_for_file(target);
    results::write(target, file);
    std::size_t runs = 0;
    for (const results::Block& block : file.blocks)
        for (std::int32_t outcome : block.outcome.data)
            runs += outcome != std::int32_t(results::Outcome::missing);
    print_result(target.string() + "\n");
    console.say(fmt::format("{} runs on {} {}", runs, file.blocks.size(),
                            file.blocks.size() == 1 ? "benchmark" : "benchmarks"));
    return ExitCode::done;
}

} // namespace

Command collect_command() {
    return command("collect", "merge every run found into DIR/results.h5", declare, collect);
}

} // namespace mneme::cli
