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

namespace mneme::harness {

struct LineOptions {
    int64_t points = 25;
    std::function<void(int64_t done, int64_t all)> progress = [](int64_t, int64_t) {};
};

class Lines final {
  public:
    // Makes room in the block, whatever it held of these before.
    Lines(results::Block&, const LineOptions&);

    // Evaluates the lines of one run: method m, seed number n of the block. Returns why the weights
    // of the run are not what it answers with, where they are not: then nothing is entered.
    std::string evaluate(std::size_t m, std::size_t n, Minima&);
    bool has_weights(std::size_t m, std::size_t n) const; // of any task

  private:
    using Rows = std::vector<at::Tensor>; // [1, columns] of each task; undefined: not kept

    Rows minima_of(std::size_t m, std::size_t n, Minima&) const;
    std::string other_counts(std::size_t m, std::size_t n, const Rows&, Minima&) const;
    void evaluate_pair(std::size_t run, std::size_t pair, const at::Tensor& from,
                       const at::Tensor& to, int64_t row, Minima&);
    void enter_line(std::size_t line, const at::Tensor& from, const at::Tensor& to, int64_t row,
                    Minima&, results::Array<double>& loss, results::Array<std::int32_t>& correct);
    void enter_cosines(std::size_t run, const Rows&, Minima&);

    results::Block& block_;
    const LineOptions options_;
    std::size_t joint_; // the method whose last minimum is that of all tasks together
};

} // namespace mneme::harness
