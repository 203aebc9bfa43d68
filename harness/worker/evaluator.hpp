// SPDX-License-Identifier: Apache-2.0
// Predicts every task's test set and scores the predictions: after every task, and before the
// first. Labels stay on this side of the border to the plugin.
#pragma once

#include <cstdint>
#include <functional>

#include <benchmarks/stream.hpp>

#include "host/learner.hpp"
#include "worker/ledger.hpp"
#include "worker/logit_scores.hpp"

namespace mneme::harness {

class Evaluator final {
  public:
    Evaluator(const bench::Spec&, const bench::Stream&, host::Session&, host::Learner&, Ledger&);

    // Enters row `row` of the accuracy matrix; -1: before any training. `between_tests` is called
    // before each task's test with how many of how many are done. Throws Error (MNEME_STATE) where
    // predicting changed the learner.
    void evaluate(int64_t row,
                  const std::function<void(int64_t tested, int64_t tests)>& between_tests);

  private:
    // The scores of one task, where the logits lie: nothing has been read from the device.
    struct Pending {
        int64_t task;
        LogitScores by_rule;    // among the classes that count by the rule of the scenario
        LogitScores task_aware; // among the task's own classes; scenario class only
    };

    at::Tensor predict(const bench::Examples& test, int64_t task);
    Pending score(int64_t row, int64_t task, const at::Tensor& logits, const at::Tensor& labels);
    TaskScores read(const Pending&) const;

    const bench::Spec& spec_;
    const bench::Stream& stream_;
    host::Session& session_;
    host::Learner& learner_;
    Ledger& ledger_;
};

} // namespace mneme::harness
