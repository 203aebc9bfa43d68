// SPDX-License-Identifier: Apache-2.0
// mneme status.
#include <cmath>
#include <map>

#include <fmt/format.h>

#include <base/error.hpp>
#include "cli/commands.hpp"
#include "cli/newer_runs.hpp"
#include "cli/options.hpp"
#include "cli/run_lines.hpp"
#include "cli/watch.hpp"
#include "scheduler/results_folder.hpp"

namespace mneme::cli {
namespace {

using base::ExitCode;

namespace fs = std::filesystem;
using OrderedJson = nlohmann::ordered_json;

struct StatusOptions {
    fs::path folder;
    bool json = false, watch = false;
};

void declare(Arguments& arguments, StatusOptions& to) {
    arguments.value("dir", to.folder, {"DIR", "results folder", true});
    arguments.flag("--watch", to.watch,
                   "show what runs, what is left and what failed until the suite ends");
    declare_json(arguments, to.json);
}

OrderedJson json_of(const RunLine& line) {
    return {{"run", line.digest},
            {"benchmark", line.benchmark},
            {"method", line.method},
            {"seed", line.seed},
            {"outcome", line.outcome},
            {"average_accuracy",
             std::isnan(line.accuracy) ? OrderedJson(nullptr) : OrderedJson(line.accuracy)},
            {"message", line.message}};
}

void print_json(const std::vector<RunLine>& lines) {
    std::map<std::string, std::size_t> counts;
    OrderedJson runs = OrderedJson::array();
    for (const RunLine& line : lines) {
        ++counts[line.outcome];
        runs.push_back(json_of(line));
    }
    print_result(json_text(OrderedJson{{"runs", runs}, {"counts", counts}}));
}

void print_table(const std::vector<RunLine>& lines) {
    Table table{{{"benchmark"},
                 {"method"},
                 {"seed", true},
                 {"outcome"},
                 {"average accuracy", true},
                 {"message"}},
                {}};
    for (const RunLine& line : lines)
        table.rows.push_back(
            {line.benchmark, line.method, fmt::format("{}", line.seed), line.outcome,
             std::isnan(line.accuracy) ? "-" : fmt::format("{:.4f}", line.accuracy), line.message});
    print_result(render(table, Format::table));
}

ExitCode status(const StatusOptions& options, const Console& console, const std::string&) {
    std::error_code ignored;
    if (!fs::is_directory(options.folder, ignored))
        throw base::ExitError(
            ExitCode::bad_input,
            fmt::format("{}: no such folder; give a folder that `mneme run` or `mneme "
                        "plan` wrote to",
                        options.folder.string()));
    if (options.watch && options.json)
        throw base::ExitError(ExitCode::usage,
                              "--watch --json: one of the two; use --json alone for a program");
    if (options.watch) return watch(options.folder, console);
    const std::vector<RunLine> lines = RunLines(options.folder).read();
    if (options.json) print_json(lines);
    else print_table(lines);
    console.say(summary(lines));
    if (const auto holder = scheduler::ResultsFolder::holder(options.folder))
        console.say(fmt::format("a suite runs here ({}); see it with `mneme status {} --watch`",
                                *holder, options.folder.string()));
    try {
        if (const std::string note = newer_runs_note(options.folder); !note.empty())
            console.warn(note);
    } catch (const std::runtime_error& error) { // the runs are shown all the same
        console.warn(error.what());
    }
    return ExitCode::done;
}

} // namespace

Command status_command() {
    return command("status", "what is done in a results folder; --watch: what runs there", declare,
                   status);
}

} // namespace mneme::cli
