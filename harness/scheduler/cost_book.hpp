// SPDX-License-Identifier: Apache-2.0
// What cells of each kind took, and what a plan will take.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <plan/plan.hpp>

#include "protocol/run_folder.hpp"

namespace mneme::scheduler {

class CostBook final {
  public:
    void add(const protocol::Cell&, double seconds);
    // The mean of cells of that label on that benchmark; where none is known, of that plugin; then
    // of any method on that benchmark; then of any cell.
    std::optional<double> seconds(const protocol::Cell&) const;
    bool knows(const protocol::Cell&) const; // one of that label on that benchmark

  private:
    struct Mean {
        double sum = 0;
        std::size_t count = 0;
    };
    std::map<std::vector<std::string>, Mean> means_; // by benchmark, plugin, label; shorter: of all
};

std::vector<std::string> kind_of(const protocol::Cell&); // benchmark, plugin, label

// What log.jsonl says of runs of these cells that are finished.
CostBook earlier_costs(const protocol::RunFolder&, const std::vector<protocol::Cell>&);

// When `workers` take the waiting cells, the longest first: how long until all have ended.
// `running`: what the cells that run need still.
double seconds_until_end(const std::vector<double>& running, std::vector<double> waiting,
                         std::size_t workers);

} // namespace mneme::scheduler
