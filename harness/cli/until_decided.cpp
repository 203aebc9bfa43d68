// SPDX-License-Identifier: Apache-2.0
#include "cli/until_decided.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <base/error.hpp>
#include <base/text.hpp>

#include "leaderboard/standing.hpp"
#include "scheduler/run_state.hpp"

namespace mneme::cli {
namespace {

std::vector<std::int64_t> looks_of(const harness::Plan& plan) {
    return plan.cells.empty() ? std::vector<std::int64_t>{} : plan.cells.front().looks;
}

void require_two_methods(const harness::Plan& plan) {
    std::set<std::string> ranked;
    for (const protocol::Cell& cell : plan.cells)
        for (const protocol::Run& run : cell.runs)
            if (!leaderboard::is_oracle(cell.plugin.note, cell.plugin.id)) ranked.insert(run.label);
    if (ranked.size() > 1) return;
    throw base::ExitError(
        base::ExitCode::bad_input,
        fmt::format("{}: --until-decided compares methods, and the suite has {} that can be "
                    "ranked; add another method, or use --seeds N",
                    plan.suite,
                    ranked.empty() ? "none" : fmt::format("one ({})", *ranked.begin())));
}

std::string said(const leaderboard::Board& board) {
    return fmt::format("{}: {}", base::one_line(board.benchmark), board.verdict.text());
}

} // namespace

UntilDecided::UntilDecided(harness::Plan whole, const std::vector<std::string>& benchmarks)
    : whole_(std::move(whole)), looks_(looks_of(whole_)) {
    require_two_methods(whole_);
    for (const std::string& benchmark : whole_.benchmarks) {
        if (benchmarks.empty() || std::count(benchmarks.begin(), benchmarks.end(), benchmark) > 0)
            undecided_.insert(benchmark);
        for (const std::string& label : whole_.labels)
            seeds_[{benchmark, label}] = std::size_t(looks_.front());
    }
}

harness::Plan UntilDecided::plan() const {
    harness::Plan plan = whole_;
    std::size_t most = 0;
    for (const auto& [who, seeds] : seeds_) most = std::max(most, seeds);
    plan.seeds.resize(most);
    plan.cells.clear();
    for (const protocol::Cell& cell : whole_.cells) {
        protocol::Cell part = cell;
        std::erase_if(part.runs, [&](const protocol::Run& run) {
            const std::size_t seeds = seeds_.at({cell.spec().name, run.label});
            const auto end = whole_.seeds.begin() + std::ptrdiff_t(seeds);
            return std::find(whole_.seeds.begin(), end, run.seed) == end;
        });
        if (!part.runs.empty()) plan.cells.push_back(std::move(part));
    }
    return plan;
}

std::vector<std::string> UntilDecided::take(const results::File& file) {
    std::vector<std::string> sentences;
    for (const results::Block& block : file.blocks) {
        if (undecided_.count(block.benchmark) == 0) continue;
        const leaderboard::Board board = leaderboard::make_board(block, {});
        sentences.push_back(said(board));
        if (board.verdict.decided || board.ranked.size() < 2) undecided_.erase(block.benchmark);
        else if (look_ < looks_.size()) add_seeds(board);
    }
    open_ = !undecided_.empty() && look_ < looks_.size();
    look_ += open_;
    return sentences;
}

// A method that is not ranked would not be ranked with more seeds either.
void UntilDecided::add_seeds(const leaderboard::Board& board) {
    for (const auto* rows : {&board.ranked, &board.oracles})
        for (const leaderboard::Row& row : *rows)
            seeds_[{board.benchmark, row.label}] = std::size_t(looks_[look_]);
}

void require_planned_looks(const harness::Plan& whole, const scheduler::ResultsFolder& folder) {
    const std::vector<std::int64_t> planned = looks_of(whole);
    for (const protocol::Cell& cell : whole.cells)
        for (const protocol::Run& run : cell.runs) {
            std::vector<std::int32_t> looks;
            try {
                looks = scheduler::read_run(folder.run(run.digest)).looks;
            } catch (const std::runtime_error&) { // not there, or to be trained again
                continue;
            }
            if (looks.empty() ||
                std::equal(looks.begin(), looks.end(), planned.begin(), planned.end()))
                continue;
            throw base::ExitError(
                base::ExitCode::bad_input,
                fmt::format("{}: its runs were planned with {} at most, and planning the looks "
                            "anew after the first would spend more than alpha; use --max-seeds "
                            "{}, or another folder (-o DIR)",
                            folder.path().string(),
                            leaderboard::counted(std::size_t(looks.back()), "seed"), looks.back()));
        }
}

} // namespace mneme::cli
