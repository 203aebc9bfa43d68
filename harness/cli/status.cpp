// SPDX-License-Identifier: Apache-2.0
// mneme status.
#include <fmt/format.h>
#include <cmath>
#include <plan/planner.hpp>
#include <results/results.hpp>

#include <base/error.hpp>
#include "cli/commands.hpp"
#include "cli/newer_runs.hpp"
#include "cli/options.hpp"
#include "protocol/run_folder.hpp"
#include "scheduler/run_state.hpp"

namespace mneme::cli {
namespace {

using base::ExitCode;

namespace fs = std::filesystem;
using OrderedJson = nlohmann::ordered_json;

struct StatusOptions {
    fs::path folder;
    bool json = false;
};

void declare(Arguments& arguments, StatusOptions& to) {
    arguments.value("dir", to.folder, {"DIR", "results folder", true});
    declare_json(arguments, to.json);
}

struct RunLine {
    std::string digest, benchmark, method;
    std::int64_t seed;
    std::string outcome, message;
    double accuracy = std::nan("");
};

// `cell` and `run`: whose file it should be; null where there is no plan.
RunLine line_of(const fs::path& file, RunLine line, const protocol::Cell* cell = nullptr,
                const protocol::Run* run = nullptr) {
    std::error_code ignored;
    if (!fs::exists(file, ignored)) {
        line.outcome = results::name(results::Outcome::missing);
        return line;
    }
    try {
        const results::Block block = scheduler::read_run(file);
        const std::string why = cell ? scheduler::answers_another(block, *cell, *run) : "";
        if (!why.empty()) {
            line.outcome = "misplaced";
            line.message = why;
            return line;
        }
        if (line.method.empty())
            line = {line.digest, block.benchmark, block.methods[0], block.seeds[0], "",
                    "",          line.accuracy};
        line.outcome = results::name(scheduler::outcome_of(block));
        line.message = block.outcome_message.at({0, 0});
        line.accuracy = scheduler::average_accuracy(block);
    } catch (const std::runtime_error& error) {
        line.outcome = "unreadable";
        line.message = error.what();
    }
    return line;
}

// The plan's runs in its order, or without a plan every run there is.
std::vector<RunLine> lines_of(const fs::path& folder) {
    std::vector<RunLine> lines;
    const protocol::RunFolder paths(folder);
    if (fs::exists(paths.plan())) {
        const harness::Plan plan = harness::read_plan(paths.plan());
        for (const protocol::Cell& cell : plan.cells)
            for (const protocol::Run& run : cell.runs)
                lines.push_back(line_of(paths.run(run.digest),
                                        {run.digest, cell.spec().name, run.label, run.seed, "", ""},
                                        &cell, &run));
        return lines;
    }
    std::error_code error;
    for (fs::directory_iterator at(paths.runs(), error), end; !error && at != end;
         at.increment(error))
        if (at->path().extension() == ".h5")
            lines.push_back(line_of(at->path(), {at->path().stem().string(), "", "", 0, "", ""}));
    std::sort(lines.begin(), lines.end(), [](const RunLine& a, const RunLine& b) {
        return std::tie(a.benchmark, a.method, a.seed) < std::tie(b.benchmark, b.method, b.seed);
    });
    return lines;
}

ExitCode status(const StatusOptions& options, const Console& console, const std::string&) {
    std::error_code ignored;
    if (!fs::is_directory(options.folder, ignored))
        throw base::ExitError(
            ExitCode::bad_input,
            fmt::format("{}: no such folder; give a folder that `mneme run` or `mneme "
                        "plan` wrote to",
                        options.folder.string()));
    const std::vector<RunLine> lines = lines_of(options.folder);
    std::map<std::string, std::size_t> counts;
    OrderedJson json = OrderedJson::array();
    Table table{{{"benchmark"},
                 {"method"},
                 {"seed", true},
                 {"outcome"},
                 {"average accuracy", true},
                 {"message"}},
                {}};
    for (const RunLine& line : lines) {
        ++counts[line.outcome];
        const bool known = !std::isnan(line.accuracy);
        table.rows.push_back({line.benchmark, line.method, fmt::format("{}", line.seed),
                              line.outcome, known ? fmt::format("{:.4f}", line.accuracy) : "-",
                              line.message});
        json.push_back(
            {{"run", line.digest},
             {"benchmark", line.benchmark},
             {"method", line.method},
             {"seed", line.seed},
             {"outcome", line.outcome},
             {"average_accuracy", known ? OrderedJson(line.accuracy) : OrderedJson(nullptr)},
             {"message", line.message}});
    }
    print_result(options.json ? json_text(OrderedJson{{"runs", json}, {"counts", counts}})
                              : render(table, Format::table));
    std::vector<std::string> summary;
    for (const auto& [outcome, count] : counts)
        summary.push_back(fmt::format("{} {}", count, outcome));
    console.say(fmt::format(
        "{} {}: {}", lines.size(), lines.size() == 1 ? "run" : "runs",
        summary.empty() ? "nothing here" : fmt::format("{}", fmt::join(summary, ", "))));
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
    return command("status", "what is done in a results folder", declare, status);
}

} // namespace mneme::cli
