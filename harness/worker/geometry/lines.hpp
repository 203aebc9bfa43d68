// SPDX-License-Identifier: Apache-2.0
// What `mneme geometry` puts into one benchmark of a results file: losses on straight lines between
// the minima of one run.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <results/block.hpp>

#include "worker/geometry/minima.hpp"
#include "worker/geometry/stored_networks.hpp"

namespace mneme::harness {

struct LineOptions {
    int64_t points = 25;
    std::vector<Match> matches{Match::weights}; // each gives all lines once more
    int64_t match_steps = 200;                  // of l2 and mid
    bool between_seeds = false; // lines to the same task of the next seed, too; the last seed's
                                // next is the first
    std::function<void(int64_t done, int64_t all)> progress = [](int64_t, int64_t) {};
};

class Lines final {
  public:
    // Makes room in the block, whatever it held of these before. Between seeds: their data must be
    // the same.
    Lines(results::Block&, const LineOptions&);

    // Evaluates the lines of one run: method m, seed number n of the block. Returns why the weights
    // of the run are not what it answers with, where they are not: then nothing is entered.
    std::string evaluate(std::size_t m, std::size_t n, Minima&);

  private:
    using Rows = std::vector<bench::Weights>; // one network, of each task; undefined: not kept

    std::string other_counts(std::size_t m, std::size_t n, const Rows&, Minima&) const;
    void evaluate_pair(std::size_t run, std::size_t pair, const bench::Weights& from,
                       const bench::Weights& to, int64_t row, Minima&);
    void make_pairs();
    void enter_line(std::size_t line, const at::Tensor& from, const at::Tensor& to, int64_t row,
                    Minima&, results::Array<double>& loss, results::Array<std::int32_t>& correct);
    void enter_cosines(std::size_t run, const Rows&, Minima&);

    results::Block& block_;
    const StoredNetworks stored_;
    const LineOptions options_;
};

} // namespace mneme::harness
