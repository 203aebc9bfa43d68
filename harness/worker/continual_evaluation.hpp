// SPDX-License-Identifier: Apache-2.0
// Evaluations within tasks (continual evaluation, De Lange et al. 2023, arXiv:2205.13452). What
// they count stays on the device until the measurements of the phase are read; no draw is made.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include <benchmarks/stream.hpp>

#include "protocol/cell.hpp"
#include "worker/evaluator.hpp"
#include "worker/ledger.hpp"
#include "worker/phase_schedule.hpp"

namespace mneme::harness {

class ContinualEvaluation final {
  public:
    ContinualEvaluation(const protocol::Evaluation&, const bench::Stream&, Evaluator&, Ledger&);

    void begin_task(int64_t task, int64_t steps); // of all its phases
    // After a step: `of_task` have been made in the task, `of_phase` in the phase.
    void after_step(int64_t of_task, int64_t of_phase);
    std::vector<EvaluationPoint> take(); // what was counted since; waits for the device
    double take_seconds();               // spent since, as the host has seen it

  private:
    struct Pending {
        EvaluationPoint at;
        at::Tensor correct; // int64 [S]
    };
    const bench::Examples& examples(int64_t task);

    const protocol::Evaluation asked_;
    const bench::Stream& stream_;
    Evaluator& evaluator_;
    Ledger& ledger_;
    std::map<int64_t, bench::Examples> subsets_;
    EvaluationSchedule schedule_;
    int64_t task_ = 0;
    std::vector<Pending> pending_;
    double seconds_ = 0;
};

} // namespace mneme::harness
