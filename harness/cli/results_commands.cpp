// SPDX-License-Identifier: Apache-2.0
// mneme status, collect, leaderboard, validate.
#include <cmath>
#include <set>

#include <fmt/format.h>
#include <benchmarks/dataset.hpp>
#include <mneme/error.hpp>
#include <plan/planner.hpp>
#include <results/results.hpp>

#include "cli/board_text.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/gather.hpp"
#include "cli/run_state.hpp"

namespace fs = std::filesystem;

namespace mneme::cli {
namespace {

using OrderedJson = nlohmann::ordered_json;

struct RunLine {
    std::string digest, benchmark, method;
    std::int64_t seed;
    std::string outcome, message;
    double accuracy = std::nan("");
};

RunLine line_of(const fs::path& file, RunLine line) {
    std::error_code ignored;
    if (!fs::exists(file, ignored)) {
        line.outcome = results::name(results::Outcome::missing);
        return line;
    }
    try {
        const results::Block block = read_run(file);
        if (line.method.empty())
            line = {line.digest, block.benchmark, block.methods[0], block.seeds[0], "",
                    "",          line.accuracy};
        line.outcome = results::name(outcome_of(block));
        line.message = block.outcome_message.at({0, 0});
        line.accuracy = average_accuracy(block);
    } catch (const std::runtime_error& error) {
        line.outcome = "unreadable";
        line.message = error.what();
    }
    return line;
}

// The plan's runs in its order, or without a plan every run there is.
std::vector<RunLine> lines_of(const fs::path& folder) {
    std::vector<RunLine> lines;
    if (fs::exists(folder / "plan.json")) {
        for (const harness::Cell& cell : harness::read_plan(folder / "plan.json").cells)
            for (const harness::Run& run : cell.runs)
                lines.push_back(
                    line_of(folder / "runs" / (run.digest + ".h5"),
                            {run.digest, cell.benchmark.spec.name, run.label, run.seed, "", ""}));
        return lines;
    }
    std::error_code error;
    for (fs::directory_iterator at(folder / "runs", error), end; !error && at != end;
         at.increment(error))
        if (at->path().extension() == ".h5")
            lines.push_back(line_of(at->path(), {at->path().stem().string(), "", "", 0, "", ""}));
    std::sort(lines.begin(), lines.end(), [](const RunLine& a, const RunLine& b) {
        return std::tie(a.benchmark, a.method, a.seed) < std::tie(b.benchmark, b.method, b.seed);
    });
    return lines;
}

void require_comparable(const results::File& file) {
    for (const results::Block& block : file.blocks)
        if (block.evaluated_on != file.blocks.front().evaluated_on)
            throw Error(
                fmt::format("leaderboard: {} is evaluated on {}, {} on {}; results of one kind "
                            "would be right",
                            block.benchmark, block.evaluated_on, file.blocks.front().benchmark,
                            file.blocks.front().evaluated_on),
                bad_input);
}

const results::Metric& metric_named(const std::string& name) {
    if (const auto* found = results::find_metric(name)) return *found;
    std::vector<std::string> known;
    for (const auto& metric : results::metrics()) known.push_back(metric.name);
    const std::string near = bench::nearest(name, known);
    throw Error(fmt::format("--metric {}: unknown; {}", name,
                            near.empty() ? fmt::format("known are {}", fmt::join(known, ", "))
                                         : fmt::format("the nearest known one is \"{}\"", near)),
                usage);
}

} // namespace

int status(const Options& options, const Console& console) {
    std::error_code ignored;
    if (!fs::is_directory(options.output, ignored))
        throw Error(fmt::format("{}: no such folder; a folder that `mneme run` or `mneme plan` "
                                "wrote to would be right",
                                options.output.string()),
                    bad_input);
    const std::vector<RunLine> lines = lines_of(options.output);
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
    print_result(options.json ? OrderedJson{{"runs", json}, {"counts", counts}}.dump(2) + "\n"
                              : render(table, Format::table));
    std::vector<std::string> summary;
    for (const auto& [outcome, count] : counts)
        summary.push_back(fmt::format("{} {}", count, outcome));
    console.say(fmt::format(
        "{} {}: {}", lines.size(), lines.size() == 1 ? "run" : "runs",
        summary.empty() ? "nothing here" : fmt::format("{}", fmt::join(summary, ", "))));
    return done;
}

int collect(const Options& options, const Console& console) {
    const results::File file = gather_runs(options.paths);
    const fs::path& first = options.paths.front();
    if (options.output.empty() && !fs::is_directory(first))
        throw Error(fmt::format("collect {}: a file cannot be written into; -o FILE.h5, or a "
                                "folder as the first argument, would be right",
                                first.string()),
                    usage);
    const fs::path target = options.output.empty() ? first / "results.h5" : options.output;
    results::write(target, file);
    std::size_t runs = 0;
    for (const results::Block& block : file.blocks)
        for (std::int32_t outcome : block.outcome.data)
            runs += outcome != std::int32_t(results::Outcome::missing);
    print_result(target.string() + "\n");
    console.say(fmt::format("{} runs on {} {}", runs, file.blocks.size(),
                            file.blocks.size() == 1 ? "benchmark" : "benchmarks"));
    return done;
}

int leaderboard(const Options& options, const Console&) {
    const results::Metric& metric = metric_named(options.metric);
    const results::File file = read_results(options.paths);
    require_comparable(file);
    std::vector<Board> boards;
    for (const results::Block& block : file.blocks) boards.push_back(make_board(block, metric));
    print_result(board_text(boards, options.format));
    return done;
}

int validate(const Options& options, const Console& console) {
    OrderedJson json = OrderedJson::array();
    std::string text;
    bool valid = true;
    for (const fs::path& path : options.paths) {
        std::vector<std::string> faults;
        try {
            faults = results::validate(path);
        } catch (const std::runtime_error& error) { // cannot be read at all
            faults = {error.what()};
        }
        valid = valid && faults.empty();
        json.push_back({{"file", path.string()}, {"valid", faults.empty()}, {"faults", faults}});
        if (faults.empty()) text += fmt::format("{}: valid\n", path.string());
        for (const std::string& fault : faults) text += fault + "\n";
    }
    print_result(options.json ? OrderedJson{{"files", json}}.dump(2) + "\n" : text);
    if (!valid) console.warn("not every file is what the schema says");
    return valid ? done : bad_input;
}

} // namespace mneme::cli
