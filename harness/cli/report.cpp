// SPDX-License-Identifier: Apache-2.0
// mneme report.
#include <algorithm>

#include <fmt/format.h>
#include <base/error.hpp>
#include <base/text.hpp>
#include <protocol/run_folder.hpp>

#include "cli/commands.hpp"
#include "cli/report_files.hpp"
#include "scheduler/merge_runs.hpp"

namespace fs = std::filesystem;

namespace mneme::cli {
namespace {

struct ReportOptions {
    Paths paths;
    fs::path output, figures;
};

void declare(Arguments& arguments, ReportOptions& to) {
    arguments.values("paths", to.paths,
                     {"PATH...", "results folders or files; a suite may still be running", true});
    arguments.value("-o,--output", to.output,
                    {"FILE.html", "the page (default: report.html in the first folder, or here)"});
    arguments.value("--figures", to.figures,
                    {"DIR",
                     "write each figure as an SVG there and the leaderboard as LaTeX; no "
                     "page unless -o is given"});
}

// Of a folder where runs ended after results.h5 was written: the runs of its plan that are there.
Paths files_of(const fs::path& path) {
    std::error_code ignored;
    const protocol::RunFolder paths(path);
    const std::vector<protocol::Cell> cells = planned_cells(path);
    if (cells.empty()) return {path};
    Paths runs;
    bool newer = !fs::exists(paths.results(), ignored);
    for (const protocol::Cell& cell : cells)
        for (const auto& run : cell.runs) {
            const fs::path file = paths.run(run.digest);
            if (!fs::exists(file, ignored)) continue;
            runs.push_back(file);
            newer = newer || fs::last_write_time(file, ignored) >
                                 fs::last_write_time(paths.results(), ignored);
        }
    if (!newer) return {paths.results()};
    if (runs.empty())
        throw base::ExitError(
            base::ExitCode::bad_input,
            fmt::format("{}: no run has ended yet; try again when one has", path.string()));
    return runs;
}

base::ExitCode make_report(const ReportOptions& options, const Console& console,
                           const std::string& command_line) {
    Paths files;
    std::vector<std::string> names;
    for (const fs::path& path : options.paths) {
        const Paths of_path = files_of(path);
        files.insert(files.end(), of_path.begin(), of_path.end());
        names.push_back(path.string());
    }
    std::error_code ignored;
    const fs::path& first = options.paths.front();
    const bool folder = fs::is_directory(first, ignored);
    ReportSource source{scheduler::read_results(files), base::joined(names),
                        folder ? first : fs::path()};
    if (!options.figures.empty()) {
        const std::size_t count = write_figures(source.file, options.figures);
        print_result(options.figures.string() + "\n");
        console.say(fmt::format("{} files written", count));
        if (options.output.empty()) return base::ExitCode::done;
    }
    const fs::path to = !options.output.empty() ? options.output
                        : folder                ? protocol::RunFolder(first).report()
                                                : fs::path("report.html");
    write_page(source, to, command_line);
    print_result(to.string() + "\n");
    return base::ExitCode::done;
}

} // namespace

Command report_command() {
    return command("report", "one page with verdict, figures and settings; opens in any browser",
                   declare, make_report);
}

} // namespace mneme::cli
