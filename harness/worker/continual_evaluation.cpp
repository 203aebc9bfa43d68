// SPDX-License-Identifier: Apache-2.0
#include "worker/continual_evaluation.hpp"

#include <ATen/ATen.h>

#include <base/clock.hpp>

namespace mneme::harness {

ContinualEvaluation::ContinualEvaluation(const protocol::Evaluation& asked,
                                         const bench::Stream& stream, Evaluator& evaluator,
                                         Ledger& ledger)
    : asked_(asked), stream_(stream), evaluator_(evaluator), ledger_(ledger) {}

void ContinualEvaluation::begin_task(int64_t task, int64_t steps) {
    task_ = task;
    schedule_ = {asked_.every, std::min(asked_.points, steps), steps};
    ledger_.expect_evaluations(schedule_.count());
}

const bench::Examples& ContinualEvaluation::examples(int64_t task) {
    const auto found = subsets_.find(task);
    if (found != subsets_.end()) return found->second;
    return subsets_.emplace(task, at_equal_distances(stream_.test(task), asked_.examples))
        .first->second;
}

void ContinualEvaluation::after_step(int64_t of_task, int64_t of_phase) {
    const int64_t index = schedule_.due(of_task);
    if (index < 0) return;
    const auto started = base::Clock::now();
    for (int64_t j = 0; j <= task_; ++j)
        if (auto correct = evaluator_.correct(task_, j, examples(j)); correct.defined())
            pending_.push_back({{task_, index, of_task, of_phase, j, {}}, std::move(correct)});
    seconds_ += base::seconds_since(started);
}

std::vector<EvaluationPoint> ContinualEvaluation::take() {
    std::vector<EvaluationPoint> points;
    if (pending_.empty()) return points;
    const auto started = base::Clock::now();
    std::vector<at::Tensor> counts; // read in one piece: each would be waited for
    for (const auto& p : pending_) counts.push_back(p.correct);
    const auto values = at::stack(counts).to(at::kCPU).contiguous();
    const int64_t* next = values.data_ptr<int64_t>();
    for (auto& p : pending_) {
        p.at.correct.assign(next, next + values.size(1));
        next += values.size(1);
        points.push_back(std::move(p.at));
    }
    pending_.clear();
    seconds_ += base::seconds_since(started);
    return points;
}

double ContinualEvaluation::take_seconds() { return std::exchange(seconds_, 0); }

} // namespace mneme::harness
