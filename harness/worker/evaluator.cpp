// SPDX-License-Identifier: Apache-2.0
#include "worker/evaluator.hpp"

#include <algorithm>
#include <cmath>

#include <mneme/error.hpp>

namespace mneme::harness {
namespace {

// A batch of predictions. Its size is the same wherever a stream is evaluated, since kernels may
// give other bits at other sizes. On a CPU, where replicas pass one after the other, the inputs of
// one take 64 MiB at most; on a GPU those of all replicas together 256 MiB, and what a network
// makes of them comes on top.
int64_t evaluation_rows(const std::vector<int64_t>& shape, at::Device device, int64_t replicas) {
    int64_t numbers = 1;
    for (int64_t size : shape) numbers *= size;
    if (device.is_cpu()) return std::clamp<int64_t>((int64_t{1} << 24) / numbers, 1, 1000);
    return std::clamp<int64_t>((int64_t{1} << 26) / (numbers * replicas), 1, 8192);
}

template <class T> std::vector<T> numbers(const at::Tensor& t) {
    if (!t.defined()) return {};
    const auto here = t.to(at::kCPU).contiguous();
    return {here.data_ptr<T>(), here.data_ptr<T>() + here.numel()};
}

} // namespace

Evaluator::Evaluator(const bench::Spec& spec, const bench::Stream& stream, host::Session& session,
                     host::Learner& learner, Ledger& ledger)
    : spec_(spec), stream_(stream), session_(session), learner_(learner), ledger_(ledger) {}

void Evaluator::evaluate(int64_t row,
                         const std::function<void(int64_t tested, int64_t tests)>& between_tests) {
    const auto& method = learner_.method();
    const auto before = learner_.state().copy();
    std::vector<Pending> pending;
    // A method that needs the task cannot answer for tasks that it has not begun.
    const int64_t tests = method.flags & MNEME_NEEDS_TASK_ID ? row + 1 : stream_.tasks();
    for (int64_t j = 0; j < tests; ++j) {
        between_tests(j, tests);
        const auto test = stream_.test(j);
        pending.push_back(score(row, j, predict(test, j), test.y));
    }
    for (const auto& one : pending) // a GPU is waited for here, once for all tasks
        ledger_.record_scores(row, read(one));
    if (!before.same_bits(learner_.state()))
        throw Error(
            std::string(method.id) +
                ", predict: changed the learner's state; an evaluation must leave it as it was",
            MNEME_STATE);
}

at::Tensor Evaluator::predict(const bench::Examples& test, int64_t task) {
    const int64_t n = test.size();
    const int64_t at_once =
        evaluation_rows(stream_.input_shape(), session_.device(), session_.replicas());
    auto logits = at::empty({session_.replicas(), n, stream_.classes()},
                            at::device(session_.device()).dtype(at::kFloat));
    for (int64_t start = 0; start < n; start += at_once) {
        const int64_t rows = std::min(at_once, n - start);
        logits.narrow(1, start, rows)
            .copy_(learner_.predict(session_.batches().input(test.x.narrow(-2, start, rows)),
                                    spec_.scenario.kind == "task" ? task : -1));
    }
    return logits;
}

Evaluator::Pending Evaluator::score(int64_t row, int64_t task, const at::Tensor& logits,
                                    const at::Tensor& labels) {
    const auto& scenario = spec_.scenario;
    const bool by_class = scenario.kind == "class";
    const bool by_task = scenario.kind == "task" && scenario.head != "shared";
    auto of_task = at::zeros({logits.size(2)}, at::kBool);
    auto counts = at::full({logits.size(2)}, !by_class && !by_task, at::kBool);
    for (int64_t c : stream_.task(task).classes) of_task.data_ptr<bool>()[c] = true;
    for (int64_t t = 0; by_class && t <= row; ++t)
        for (int64_t c : stream_.task(t).classes) counts.data_ptr<bool>()[c] = true;
    if (by_task) counts = of_task;
    const bool confusion = row >= 0 && !ledger_.blocks()[0].confusion.empty() &&
                           (by_class || row + 1 == stream_.tasks());
    const auto device = session_.device();
    return {task, score_logits(logits, labels, counts.to(device), confusion),
            by_class ? score_logits(logits, labels, of_task.to(device), false) : LogitScores{}};
}

TaskScores Evaluator::read(const Pending& one) const {
    auto loss = numbers<double>(one.by_rule.loss);
    if (learner_.method().flags & MNEME_SCORES) // they are no logits, and have no cross-entropy
        std::fill(loss.begin(), loss.end(), std::nan(""));
    return {one.task, numbers<int64_t>(one.by_rule.correct), std::move(loss),
            numbers<int64_t>(one.task_aware.correct), numbers<int64_t>(one.by_rule.confusion)};
}

} // namespace mneme::harness
