// SPDX-License-Identifier: Apache-2.0
#include "cli/report_files.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <base/atomic_file.hpp>
#include <base/regular_file.hpp>
#include <base/system.hpp>
#include <leaderboard/print.hpp>
#include <plan/planner.hpp>
#include <protocol/run_folder.hpp>
#include <report/benchmark_figures.hpp>
#include <report/page.hpp>

#include "scheduler/version.hpp"

namespace fs = std::filesystem;

namespace mneme::cli {
namespace {

constexpr std::uint64_t largest_log = 4 << 20; // a worker's log is cut at 1 MiB
constexpr std::size_t shown_of_log = 4000;     // bytes

std::string end_of(const fs::path& log) {
    try {
        std::string text = base::read_file(log, largest_log);
        if (text.size() <= shown_of_log) return text;
        text.erase(0, text.size() - shown_of_log);
        return "…" + text.substr(std::min(text.find('\n'), text.size()));
    } catch (const std::runtime_error& error) { // it says which file, and why
        return error.what();
    }
}

const results::Block* block_of(const results::File& file, const std::string& benchmark) {
    for (const results::Block& block : file.blocks)
        if (block.benchmark == benchmark) return &block;
    return nullptr;
}

// Whether the file knows the run, and how it ended.
results::Outcome outcome_of(const results::File& file, const report::RunName& run) {
    const results::Block* block = block_of(file, run.benchmark);
    for (std::size_t m = 0; block && m < block->methods.size(); ++m)
        for (std::size_t s = 0; s < block->seeds.size(); ++s)
            if (block->methods[m] == run.method && block->seeds[s] == run.seed)
                return results::Outcome(block->outcome.at({m, s}));
    return results::Outcome::missing;
}

void read_folder(report::Input& input, const fs::path& folder) {
    std::error_code ignored;
    const protocol::RunFolder paths(folder);
    for (const protocol::Cell& cell : planned_cells(folder))
        for (const auto& run : cell.runs) {
            const report::RunName name{cell.spec().name, run.label, std::int32_t(run.seed)};
            const results::Outcome outcome = outcome_of(input.file, name);
            const results::Block* block = block_of(input.file, name.benchmark);
            const fs::path log = paths.log(cell.runs.front().digest);
            if (outcome == results::Outcome::missing) {
                const bool listed =
                    block &&
                    std::count(block->methods.begin(), block->methods.end(), name.method) > 0 &&
                    std::count(block->seeds.begin(), block->seeds.end(), name.seed) > 0;
                if (!listed) input.missing.push_back(name);
            } else if (outcome != results::Outcome::complete && fs::exists(log, ignored))
                input.logs.push_back({name, log.string(), end_of(log)});
        }
}

} // namespace

std::vector<protocol::Cell> planned_cells(const fs::path& folder) {
    std::error_code ignored;
    const protocol::RunFolder paths(folder);
    if (folder.empty() || !fs::exists(paths.plan(), ignored)) return {};
    try {
        return harness::read_plan(paths.plan()).cells;
    } catch (const std::runtime_error&) {
        return {};
    }
}

void write_page(const ReportSource& source, const fs::path& to, const std::string& command_line) {
    report::Input input;
    input.file = source.file;
    input.sources = source.named;
    input.command_line = command_line;
    input.version = scheduler::version;
    input.made_utc = base::utc_now();
    read_folder(input, source.folder);
    base::require_place_for_file(to);
    base::replace_file(to, report::page(input));
}

std::size_t write_figures(const results::File& file, const fs::path& folder) {
    fs::create_directories(folder);
    std::set<std::string> names;
    for (const results::Block& block : file.blocks)
        for (const report::FigureGroup& group : report::figures_of(block))
            for (const report::Figure& figure : group.figures) {
                std::string name = figure.name;
                for (int again = 2; !names.insert(name).second; ++again)
                    name = fmt::format("{}-{}", figure.name, again);
                base::replace_file(folder / (name + ".svg"), report::figure_file(figure));
            }
    base::replace_file(folder / "leaderboard.tex",
                       leaderboard::print(leaderboard::make_leaderboard(file.blocks, {}),
                                          leaderboard::Format::latex));
    return names.size() + 1;
}

} // namespace mneme::cli
