// SPDX-License-Identifier: Apache-2.0
// Which cell starts next where several run at once: one of each kind, so that all costs become
// known, then the longest, so that no long cell is left to run alone at the end. A kind is a method
// on a benchmark. What a run computes does not depend on the order.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "protocol/cell.hpp"
#include "scheduler/cost_book.hpp"

namespace mneme::scheduler {

class CellOrder final {
  public:
    explicit CellOrder(const std::vector<protocol::Cell>&); // they outlive it

    std::size_t next(const CostBook&); // each cell once; one must be left

  private:
    struct Kind {
        const protocol::Cell* one;
        std::deque<std::size_t> waiting;
        bool started = false;
    };
    std::vector<Kind> kinds_; // in the order of the plan
};

} // namespace mneme::scheduler
