// SPDX-License-Identifier: Apache-2.0
#include "scheduler/start_counter.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>
#include <base/atomic_file.hpp>
#include <base/error.hpp>
#include <base/regular_file.hpp>

#include "protocol/codec.hpp"
#include "protocol/run_record.hpp"
#include "scheduler/run_scheduler.hpp"

namespace mneme::scheduler {
namespace {

using Runs = std::vector<protocol::Run>;

constexpr std::uint64_t longest_record = 1 << 20;

// When the newest checkpoint of these runs was written, in nanoseconds; 0: there is none. A cell
// without room for all its runs goes on in halves, which have checkpoints of their own.
std::int64_t newest_checkpoint(const protocol::RunFolder& folder, const Runs& runs) {
    struct stat info {};
    std::int64_t newest = 0;
    if (stat(folder.checkpoint(runs).c_str(), &info) == 0)
        newest = std::int64_t(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec;
    if (runs.size() < 2) return newest;
    const auto [first, second] = protocol::halves(runs);
    return std::max({newest, newest_checkpoint(folder, first), newest_checkpoint(folder, second)});
}

} // namespace

struct StartCounter::Record {
    bool found = true;           // else nothing is known of the cell
    std::int64_t checkpoint = 0; // the newest one at the last start
    int starts = 0;              // since that was written
    std::vector<protocol::RunBegun> runs = {};
    int kept_out = 0; // in a row, by one and the same mneme
    std::string holder = {};

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("checkpoint", self.checkpoint);
        visit("starts", self.starts);
        visit("runs", self.runs);
        visit("kept_out", self.kept_out);
        visit("holder", self.holder);
    }
};

StartCounter::Record StartCounter::record(const protocol::Cell& cell) const {
    try {
        const auto text = base::read_file(folder_.starts(cell.runs.front().digest), longest_record);
        return protocol::decoded<Record>(protocol::Json::parse(text, nullptr, false));
    } catch (const std::runtime_error&) { // it was never started, or the file is damaged
        return {.found = false};
    }
}

void StartCounter::write(const protocol::Cell& cell, const Record& record) const {
    base::replace_file(folder_.starts(cell.runs.front().digest),
                       protocol::encode(record).dump() + "\n");
}

int StartCounter::starts(const protocol::Cell& cell) const {
    const Record kept = record(cell);
    return kept.checkpoint == newest_checkpoint(folder_, cell.runs) ? kept.starts : 0;
}

void StartCounter::add(const protocol::Cell& cell) const {
    Record now = record(cell);
    now.starts = starts(cell) + 1;
    now.checkpoint = newest_checkpoint(folder_, cell.runs);
    now.kept_out = 0;
    write(cell, now);
}

void StartCounter::forget(const protocol::Cell& cell) const {
    std::error_code ignored;
    std::filesystem::remove(folder_.starts(cell.runs.front().digest), ignored);
}

bool StartCounter::keeps_out_again(const protocol::Cell& cell, const std::string& holder) const {
    Record now = record(cell);
    now.kept_out = now.holder == holder ? now.kept_out + 1 : 1;
    now.holder = holder;
    try {
        write(cell, now);
    } catch (const std::system_error&) { // then it is not counted
    }
    return now.kept_out > 1 + most_restarts;
}

void StartCounter::note(const protocol::Cell& cell, const protocol::Begun& begun) const {
    Record now = record(cell);
    bool changed = false;
    for (const protocol::RunBegun& run : begun.runs) {
        const auto same = std::find_if(now.runs.begin(), now.runs.end(),
                                       [&](const auto& kept) { return kept.digest == run.digest; });
        if (same == now.runs.end() && run.restarts > 0) now.runs.push_back(run);
        else if (same == now.runs.end() || same->restarts == run.restarts) continue;
        else same->restarts = run.restarts;
        changed = true;
    }
    if (changed) write(cell, now);
}

// A run that went on from a checkpoint was noted: one that is not among them never did.
std::int32_t StartCounter::restarts(const protocol::Cell& cell, const protocol::Run& run) const {
    const Record kept = record(cell);
    for (const protocol::RunBegun& noted : kept.runs)
        if (noted.digest == run.digest) return noted.restarts;
    return kept.found || newest_checkpoint(folder_, cell.runs) == 0 ? 0 : -1;
}

ResultsFolder shared_folder(const std::filesystem::path& path, const StartCounter& counter,
                            const protocol::Cell& first) {
    try {
        return ResultsFolder(path, ResultsFolder::Use::shared);
    } catch (const base::ExitError&) {
        const auto holder = ResultsFolder::works_alone(path);
        if (!holder || !counter.keeps_out_again(first, *holder)) throw;
        throw base::ExitError(
            base::ExitCode::some_failed,
            fmt::format("{}: another mneme works in this folder ({}), as it did at {} starts "
                        "before; start these cells again when it has ended",
                        path.string(), *holder, 1 + StartCounter::most_restarts));
    }
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
                                   why, counter.restarts(cell, run));
        folder.note({{"event", "given_up"}, {"cell", title(cell)}, {"message", why}});
        output.warn(fmt::format("{}: timeout: {}", title(cell), why));
        counter.forget(cell);
        runs += cell.runs.size();
    }
    pending.cells = std::move(rest);
    return runs;
}

} // namespace mneme::scheduler
