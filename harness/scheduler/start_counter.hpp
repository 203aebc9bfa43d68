// SPDX-License-Identifier: Apache-2.0
// How often a cell was started without getting further. A job that is requeued for ever costs a
// cluster, and nobody looks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <base/status_output.hpp>

#include "protocol/cell.hpp"
#include "protocol/messages.hpp"
#include "scheduler/pending_runs.hpp"
#include "scheduler/results_folder.hpp"

namespace mneme::scheduler {

class StartCounter final {
  public:
    static constexpr int most_restarts = 3; // without a new checkpoint

    explicit StartCounter(protocol::RunFolder folder) : folder_(std::move(folder)) {}

    int starts(const protocol::Cell&) const; // since its last checkpoint, or since the first
    void add(const protocol::Cell&) const;
    void forget(const protocol::Cell&) const; // its runs have their records

    // Counts one more start that ended because `holder` works alone in the folder. Returns whether
    // a start and as many restarts have ended before because of the same one.
    bool keeps_out_again(const protocol::Cell&, const std::string& holder) const;

    // How often a run of the cell went on from a checkpoint, as its workers said; -1: not known.
    void note(const protocol::Cell&, const protocol::Begun&) const;
    std::int32_t restarts(const protocol::Cell&, const protocol::Run&) const;

  private:
    struct Record;
    Record record(const protocol::Cell&) const;
    void write(const protocol::Cell&, const Record&) const;

    const protocol::RunFolder folder_;
};

// Opens the folder for cells of a plan, `first` and others. Throws as ResultsFolder does, but for
// the mneme that has kept the same cells out at each of so many starts ExitError (some_failed): a
// scheduler that repeats what is temporary must come to an end.
ResultsFolder shared_folder(const std::filesystem::path&, const StartCounter&,
                            const protocol::Cell& first);

// Takes the cells out that were restarted too often, and records their runs as `timeout`. Returns
// how many runs those are.
std::size_t give_up_exhausted(PendingRuns&, const StartCounter&, const ResultsFolder&,
                              const base::StatusOutput&);

} // namespace mneme::scheduler
