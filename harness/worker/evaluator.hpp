// SPDX-License-Identifier: Apache-2.0
// Predicts every task's test set and scores the predictions: after every task, and before the
// first. Labels stay on this side of the border to the plugin.
#pragma once

#include <cstdint>
#include <functional>

#include <benchmarks/stream.hpp>

#include "host/learner.hpp"
#include "protocol/cell.hpp"
#include "worker/ledger.hpp"
#include "worker/logit_scores.hpp"

namespace mneme::harness {

using protocol::Cell;

// The classes whose logits count for an example of `task` once the tasks up to `row` have begun,
// bool [C].
at::Tensor classes_that_count(const bench::ScenarioSpec&, const bench::Stream&, int64_t row,
                              int64_t task);
// Examples that are predicted at once.
int64_t evaluation_rows(const std::vector<int64_t>& input_shape, at::Device, int64_t replicas);
// `wanted` of them (0, or more than there are: all), at equal distances in their order, so that
// each class keeps its share where they are sorted.
bench::Examples at_equal_distances(bench::Examples, int64_t wanted);

class Evaluator final {
  public:
    Evaluator(const Cell&, const bench::Stream&, host::Session&, host::Learner&, Ledger&);

    // Enters row `row` of the accuracy matrix; -1: before any training. `between_tests` is called
    // before each task's test with how many of how many are done. Throws Error (MNEME_STATE) where
    // predicting changed the learner.
    void evaluate(int64_t row,
                  const std::function<void(int64_t tested, int64_t tests)>& between_tests);
    // How many of these examples of a task are answered correctly while `row` is trained: int64
    // [S], not read. Undefined where the method cannot answer for a task that is not over.
    at::Tensor correct(int64_t row, int64_t task, const bench::Examples&);

  private:
    // The scores of one task, where the logits lie: nothing has been read from the device.
    struct Pending {
        int64_t task;
        LogitScores by_rule;    // among the classes that count by the rule of the scenario
        LogitScores task_aware; // among the task's own classes; scenario class only
    };

    bool is_asked(int64_t row, int64_t task) const;
    at::Tensor predict(const bench::Examples& test, int64_t task);
    Pending score(int64_t row, int64_t task, const at::Tensor& logits, const at::Tensor& labels);
    TaskScores read(const Pending&) const;

    const Cell& cell_;
    const bench::Spec& spec_;
    const bench::Stream& stream_;
    host::Session& session_;
    host::Learner& learner_;
    Ledger& ledger_;
};

} // namespace mneme::harness
