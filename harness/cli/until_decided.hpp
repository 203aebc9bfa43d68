// SPDX-License-Identifier: Apache-2.0
// Seeds added step by step until the leading tier of every benchmark is one method, or the most
// seeds are used. The numbers of seeds at which methods are compared, the looks, are fixed before
// the first run; what a look costs in alpha is said in leaderboard/looks.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <plan/planner.hpp>
#include <results/block.hpp>

#include "leaderboard/board.hpp"
#include "scheduler/results_folder.hpp"

namespace mneme::cli {

class UntilDecided final {
  public:
    // `whole` has the runs of every look; `benchmarks` are to be decided, all where it is empty.
    // Throws ExitError (bad_input) where fewer than two methods can be ranked.
    UntilDecided(harness::Plan whole, const std::vector<std::string>& benchmarks);

    std::size_t look() const { return look_; } // the present one, from 1
    std::size_t looks() const { return looks_.size(); }
    bool open() const { return open_; } // the present look is to be trained and taken

    // The runs up to the present look. A benchmark that is decided gets no more seeds, nor does a
    // method that has not completed one of them.
    harness::Plan plan() const;

    // Compares the methods of the file, which has all runs of plan(), and goes to the next look if
    // there is one and anything is open. A sentence for each benchmark.
    std::vector<std::string> take(const results::File&);

  private:
    void add_seeds(const leaderboard::Board&);

    const harness::Plan whole_;
    const std::vector<std::int64_t> looks_; // seeds
    std::size_t look_ = 1;
    bool open_ = true;
    std::map<std::pair<std::string, std::string>, std::size_t> seeds_; // by benchmark and label
    std::set<std::string> undecided_;                                  // benchmarks
};

// Throws ExitError (bad_input) where runs in the folder were made for other looks: looks that are
// planned anew after looking spend more than alpha.
void require_planned_looks(const harness::Plan& whole, const scheduler::ResultsFolder&);

} // namespace mneme::cli
