// SPDX-License-Identifier: Apache-2.0
#include "scheduler/start_counter.hpp"

#include <sys/stat.h>

#include <fmt/format.h>
#include <base/atomic_file.hpp>
#include <base/error.hpp>
#include <base/regular_file.hpp>

#include "protocol/run_record.hpp"
#include "scheduler/run_scheduler.hpp"

namespace mneme::scheduler {
namespace {

using Runs = std::vector<protocol::Run>;

// When the newest checkpoint of these runs was written, in nanoseconds; 0: there is none. A cell
// without room for all its runs goes on in halves, which have checkpoints of their own.
std::int64_t newest_checkpoint(const ResultsFolder& folder, const Runs& runs) {
    struct stat info {};
    std::int64_t newest = 0;
    if (stat(folder.paths().checkpoint(runs).c_str(), &info) == 0)
        newest = std::int64_t(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec;
    if (runs.size() < 2) return newest;
    const auto [first, second] = protocol::halves(runs);
    return std::max({newest, newest_checkpoint(folder, first), newest_checkpoint(folder, second)});
}

} // namespace

int StartCounter::starts(const protocol::Cell& cell) const {
    try {
        const auto kept = protocol::Json::parse(
            base::read_file(folder_.paths().starts(cell.runs.front().digest), 1 << 10));
        if (kept.at("checkpoint") == newest_checkpoint(folder_, cell.runs))
            return kept.at("starts").get<int>();
    } catch (const base::ExitError&) {           // it was never started
    } catch (const protocol::Json::exception&) { // nothing is known
    }
    return 0;
}

void StartCounter::add(const protocol::Cell& cell) const {
    const protocol::Json now = {{"checkpoint", newest_checkpoint(folder_, cell.runs)},
                                {"starts", starts(cell) + 1}};
    base::replace_file(folder_.paths().starts(cell.runs.front().digest), now.dump() + "\n");
}

void StartCounter::forget(const protocol::Cell& cell) const {
    std::error_code ignored;
    std::filesystem::remove(folder_.paths().starts(cell.runs.front().digest), ignored);
}

std::size_t give_up_exhausted(PendingRuns& pending, const StartCounter& counter,
                              const ResultsFolder& folder, const base::StatusOutput& output) {
    const std::string why = fmt::format(
        "restarted {} times without a new checkpoint; give its job more time, or look into its "
        "log, then start the cell again",
        StartCounter::most_restarts);
    std::vector<protocol::Cell> rest;
    std::size_t runs = 0;
    for (const protocol::Cell& cell : pending.cells) {
        if (counter.starts(cell) <= StartCounter::most_restarts) {
            rest.push_back(cell);
            continue;
        }
        for (const protocol::Run& run : cell.runs)
            protocol::write_record(folder.run(run.digest), cell, run, results::Outcome::timeout,
                                   why);
        folder.note({{"event", "given_up"}, {"cell", title(cell)}, {"message", why}});
        output.warn(fmt::format("{}: timeout: {}", title(cell), why));
        counter.forget(cell);
        runs += cell.runs.size();
    }
    pending.cells = std::move(rest);
    return runs;
}

} // namespace mneme::scheduler
