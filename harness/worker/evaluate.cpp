// SPDX-License-Identifier: Apache-2.0
// The exam: every task's test set after every task, and before the first. Labels stay on this side
// of the border.
#include <algorithm>
#include <cmath>

#include <mneme/error.hpp>

#include "worker/stretch.hpp"
#include "worker/tally.hpp"

namespace mneme::harness {
namespace {

// A batch; the same for all that a stream shows, since kernels may give other bits at other sizes.
// On a CPU, where replicas pass one after the other, wide inputs take 64 MiB at most; on a GPU
// those of all replicas together 256 MiB, and what a network makes of them comes on top.
int64_t evaluation_rows(const std::vector<int64_t>& shape, at::Device device, int64_t replicas) {
    int64_t numbers = 1;
    for (int64_t size : shape) numbers *= size;
    if (device.is_cpu()) return std::clamp<int64_t>((int64_t{1} << 24) / numbers, 1, 1000);
    return std::clamp<int64_t>((int64_t{1} << 26) / (numbers * replicas), 1, 8192);
}

} // namespace

// The marks of one task's test, where the logits lie.
struct Runner::Exam {
    int64_t task;
    Tally counted, aware; // by the scenario's rule; among the task's own classes (scenario class)
};

void Runner::evaluate(int64_t row) {
    const double started = now();
    const auto& scenario = cell_.spec().scenario;
    const auto before = learner_->state().copy();
    std::vector<Exam> exams;
    for (int64_t j = 0; j < stream_->tasks(); ++j) {
        if ((method_.flags & MNEME_NEEDS_TASK_ID) && j > row)
            continue; // it is not asked about tasks that it has not begun
        if (reporter_.due()) reporter_.progress(where("evaluate", std::max<int64_t>(row, 0)));
        const auto test = stream_->test(j);
        const int64_t n = test.size(), width = stream_->classes();
        const int64_t at_once =
            evaluation_rows(stream_->input_shape(), device_, session_->replicas());
        auto all =
            at::empty({session_->replicas(), n, width}, at::device(device_).dtype(at::kFloat));
        for (int64_t start = 0; start < n; start += at_once) {
            const int64_t rows = std::min(at_once, n - start);
            const auto logits = learner_->predict(session_->input(test.x.narrow(-2, start, rows)),
                                                  scenario.kind == "task" ? j : -1);
            all.narrow(1, start, rows).copy_(logits);
        }
        exams.push_back(mark(row, j, all, test.y));
    }
    for (const auto& exam : exams) enter(row, exam); // a GPU is waited for here, once for all tasks
    if (!before.same_bits(learner_->state()))
        throw Error(
            std::string(method_.id) +
                ", predict: changed the learner's state; an evaluation must leave it as it was",
            MNEME_STATE);

    if (row < 0) return;
    double sum = 0;
    for (auto& block : blocks_) {
        block.evaluate_seconds.at({0, 0, idx(row)}) = now() - started;
        for (int64_t j = 0; j <= row; ++j)
            sum += static_cast<double>(block.n_correct.at({0, 0, idx(row), idx(j)})) /
                   block.n_evaluated.at({idx(j)});
    }
    accuracy_so_far_ = sum / static_cast<double>(row + 1) / static_cast<double>(blocks_.size());
    auto p = where("evaluate", row);
    p.step = p.steps = 1;
    reporter_.progress(p);
}

Runner::Exam Runner::mark(int64_t row, int64_t j, const at::Tensor& logits,
                          const at::Tensor& labels) const {
    const auto& scenario = cell_.spec().scenario;
    const bool by_class = scenario.kind == "class",
               by_task = scenario.kind == "task" && scenario.head != "shared";
    auto of_task = at::zeros({logits.size(2)}, at::kBool),
         counts = at::full({logits.size(2)}, !by_class && !by_task, at::kBool);
    for (int64_t c : stream_->task(j).classes) of_task.data_ptr<bool>()[c] = true;
    for (int64_t t = 0; by_class && t <= row; ++t)
        for (int64_t c : stream_->task(t).classes) counts.data_ptr<bool>()[c] = true;
    if (by_task) counts = of_task;
    const bool confuse =
        row >= 0 && !blocks_[0].confusion.empty() && (by_class || row + 1 == stream_->tasks());
    return {j, tally(logits, labels, counts.to(device_), confuse),
            by_class ? tally(logits, labels, of_task.to(device_), false) : Tally{}};
}

void Runner::enter(int64_t row, const Exam& exam) {
    const auto j = idx(exam.task);
    const auto correct = exam.counted.correct.to(at::kCPU), loss = exam.counted.loss.to(at::kCPU);
    const auto aware =
        exam.aware.correct.defined() ? exam.aware.correct.to(at::kCPU) : at::Tensor();
    const auto confusion =
        exam.counted.confusion.defined() ? exam.counted.confusion.to(at::kCPU) : at::Tensor();
    for (std::size_t r = 0; r < blocks_.size(); ++r) {
        if (diverged_[r]) continue; // its rows from now on do not exist
        auto& b = blocks_[r];
        const auto right = static_cast<int32_t>(correct.data_ptr<int64_t>()[r]);
        if (row < 0) {
            b.initial_correct.at({0, 0, j}) = right;
            continue;
        }
        b.n_correct.at({0, 0, idx(row), j}) = right;
        if (aware.defined())
            b.n_correct_task_aware.at({0, 0, idx(row), j}) =
                static_cast<int32_t>(aware.data_ptr<int64_t>()[r]);
        const double sum = loss.data_ptr<double>()[r];
        b.loss.at({0, 0, idx(row), j}) = std::isfinite(sum) && !(method_.flags & MNEME_SCORES)
                                             ? sum / b.n_evaluated.at({j})
                                             : std::nan("");
        if (!confusion.defined()) continue;
        const auto C = idx(confusion.size(1));
        const int64_t* cells = confusion.data_ptr<int64_t>() + r * C * C;
        for (std::size_t k = 0; k < C * C; ++k) {
            auto& count = b.confusion.at({0, 0, idx(row), k / C, k % C});
            count = static_cast<int32_t>((j == 0 ? 0 : count) + cells[k]); // over all tasks
        }
    }
}

} // namespace mneme::harness
