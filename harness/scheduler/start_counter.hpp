// SPDX-License-Identifier: Apache-2.0
// How often a cell was started without getting further. A job that is requeued for ever costs a
// cluster, and nobody looks.
#pragma once

#include <base/status_output.hpp>

#include "protocol/cell.hpp"
#include "scheduler/pending_runs.hpp"
#include "scheduler/results_folder.hpp"

namespace mneme::scheduler {

class StartCounter final {
  public:
    static constexpr int most_restarts = 3; // without a new checkpoint

    explicit StartCounter(const ResultsFolder& folder) : folder_(folder) {}

    int starts(const protocol::Cell&) const; // since its last checkpoint, or since the first
    void add(const protocol::Cell&) const;
    void forget(const protocol::Cell&) const; // its runs have their records

  private:
    const ResultsFolder& folder_;
};

// Takes the cells out that were restarted too often, and records their runs as `timeout`. Returns
// how many runs those are.
std::size_t give_up_exhausted(PendingRuns&, const StartCounter&, const ResultsFolder&,
                              const base::StatusOutput&);

} // namespace mneme::scheduler
