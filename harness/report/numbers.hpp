// SPDX-License-Identifier: Apache-2.0
// What a page, the terminal and an export say about the runs of a benchmark, as numbers.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <results/block.hpp>

namespace mneme::report {

// Mean of what is not NaN: NaN of nothing.
class MeanOfKnown {
  public:
    void add(double x) {
        if (!std::isnan(x)) sum_ += x, ++terms_;
    }
    double value() const { return sum_ / terms_; }

  private:
    double sum_ = 0, terms_ = 0;
};

// Of one run. T x T row-major; NaN where nothing was evaluated.
std::vector<double> accuracy_of(const results::Block&, std::size_t method, std::size_t seed);
std::vector<double> forgetting_of(const results::Block&, std::size_t method, std::size_t seed);
std::vector<double> loss_of(const results::Block&, std::size_t method, std::size_t seed);
std::vector<double> initial_accuracy_of(const results::Block&, std::size_t method,
                                        std::size_t seed);

bool is_complete(const results::Block&, std::size_t method, std::size_t seed);
std::vector<std::size_t> complete_seeds(const results::Block&, std::size_t method);

// Entry by entry, over the seeds that are complete; NaN where one of them has none, or none is
// complete. Each figure says how many they are.
using OfRun = std::vector<double> (*)(const results::Block&, std::size_t method, std::size_t seed);
std::vector<double> mean_over_seeds(const results::Block&, std::size_t method, OfRun);

// "3 seeds", "2 of 3 seeds; seed 4 diverged".
std::string seeds_in_words(const results::Block&, std::size_t method);

// For each number of tasks seen: the mean over complete seeds of the average accuracy on those
// tasks, and half of its 95 % interval.
struct Curve {
    std::vector<double> mean, half;
};
Curve accuracy_over_tasks(const results::Block&, std::size_t method);

// Points of the loss curve, `begin` to before `end`, all of one task.
struct PointSpan {
    std::size_t begin, end;
    std::int32_t task;
};
std::vector<PointSpan> point_spans(const results::Block&, std::size_t most);
std::vector<double> loss_over_spans(const results::Block&, std::size_t method,
                                    const std::vector<PointSpan>&); // means; over complete seeds

struct Cost {
    double bytes, seconds; // kept after the last task; of training, all tasks; means over seeds
    double accuracy, half;
};
Cost cost_of(const results::Block&, std::size_t method);

} // namespace mneme::report
