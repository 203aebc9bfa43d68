// SPDX-License-Identifier: Apache-2.0
#include "worker/evaluator.hpp"

#include <algorithm>
#include <cmath>

#include <mneme/error.hpp>

namespace mneme::harness {
namespace {

at::Tensor mask_of_task(const bench::Stream& stream, int64_t task) {
    auto mask = at::zeros({stream.classes()}, at::kBool);
    for (int64_t c : stream.task(task).classes) mask.data_ptr<bool>()[c] = true;
    return mask;
}

template <class T> std::vector<T> numbers(const at::Tensor& t) {
    if (!t.defined()) return {};
    const auto here = t.to(at::kCPU).contiguous();
    return {here.data_ptr<T>(), here.data_ptr<T>() + here.numel()};
}

} // namespace

at::Tensor classes_that_count(const bench::ScenarioSpec& scenario, const bench::Stream& stream,
                              int64_t row, int64_t task) {
    const bool by_class = scenario.kind == "class";
    if (scenario.kind == "task" && scenario.head != "shared") return mask_of_task(stream, task);
    const int64_t tasks = scenario.from_the_start() ? stream.tasks() : row + 1;
    auto mask = at::full({stream.classes()}, !by_class, at::kBool);
    for (int64_t t = 0; by_class && t < tasks; ++t) mask.logical_or_(mask_of_task(stream, t));
    return mask;
}

bench::Examples at_equal_distances(bench::Examples all, int64_t wanted) {
    if (wanted <= 0 || wanted >= all.size()) return all;
    const auto rows = (at::arange(wanted, at::kLong) * all.size()).floor_divide(wanted);
    const auto there = rows.to(all.y.device());
    return {all.x.index_select(-2, there), all.y.index_select(0, there)};
}

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

Evaluator::Evaluator(const Cell& cell, const bench::Stream& stream, host::Session& session,
                     host::Learner& learner, Ledger& ledger)
    : cell_(cell), spec_(cell.spec()), stream_(stream), session_(session), learner_(learner),
      ledger_(ledger) {}

bool Evaluator::is_asked(int64_t row, int64_t task) const {
    if (task <= row) return true;
    if (learner_.method().flags & MNEME_NEEDS_TASK_ID)
        return false; // it cannot answer for tasks that it has not begun
    return cell_.evaluation.tasks != "seen";
}

void Evaluator::evaluate(int64_t row,
                         const std::function<void(int64_t tested, int64_t tests)>& between_tests) {
    const auto& method = learner_.method();
    const auto before = learner_.state().copy();
    std::vector<Pending> pending;
    int64_t tests = 0, tested = 0;
    for (int64_t j = 0; j < stream_.tasks(); ++j) tests += is_asked(row, j);
    for (int64_t j = 0; j < stream_.tasks(); ++j) {
        if (!is_asked(row, j)) continue;
        between_tests(tested++, tests);
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

at::Tensor Evaluator::correct(int64_t row, int64_t task, const bench::Examples& examples) {
    if (task == row && (learner_.method().flags & MNEME_NEEDS_TASK_ID)) return {};
    return score_logits(
               predict(examples, task), examples.y,
               classes_that_count(spec_.scenario, stream_, row, task).to(session_.device()), {})
        .correct;
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
    const bool by_class = spec_.scenario.kind == "class";
    const auto& record = ledger_.blocks()[0];
    const bool scores = learner_.method().flags & MNEME_SCORES; // they are no logits
    const LogitScoreParts parts{
        row >= 0 && !record.confusion.empty() && (by_class || row + 1 == stream_.tasks()),
        row >= 0 && !record.calibration_count.empty() && !scores,
        row >= 0 && !record.predictions.empty(),
        row >= 0 && !record.calibration_squared_error.empty() && !scores};
    const auto device = session_.device();
    return {task,
            score_logits(logits, labels,
                         classes_that_count(spec_.scenario, stream_, row, task).to(device), parts),
            by_class ? score_logits(logits, labels, mask_of_task(stream_, task).to(device), {})
                     : LogitScores{}};
}

TaskScores Evaluator::read(const Pending& one) const {
    TaskScores scores;
    scores.task = one.task;
    scores.correct = numbers<int64_t>(one.by_rule.correct);
    scores.loss = numbers<double>(one.by_rule.loss);
    if (learner_.method().flags & MNEME_SCORES) // they have no cross-entropy
        std::fill(scores.loss.begin(), scores.loss.end(), std::nan(""));
    scores.correct_task_aware = numbers<int64_t>(one.task_aware.correct);
    scores.confusion = numbers<int64_t>(one.by_rule.confusion);
    scores.bin_count = numbers<int64_t>(one.by_rule.bin_count);
    scores.bin_correct = numbers<int64_t>(one.by_rule.bin_correct);
    scores.bin_confidence = numbers<double>(one.by_rule.bin_confidence);
    scores.squared_error = numbers<double>(one.by_rule.squared_error);
    scores.picks = numbers<int64_t>(one.by_rule.picks);
    return scores;
}

} // namespace mneme::harness
