// SPDX-License-Identifier: Apache-2.0
// The exam: every task's test set after every task, and before the first. Labels stay on this side of the border.
#include <algorithm>
#include <cmath>

#include <mneme/error.hpp>

#include "worker/stretch.hpp"

namespace mneme::harness {
namespace {

// A batch; the same for all that a stream shows, since kernels may give other bits at other sizes. Wide inputs: 64 MiB at most.
int64_t evaluation_rows(const std::vector<int64_t>& shape) {
    int64_t numbers = 1;
    for (int64_t size : shape) numbers *= size;
    return std::clamp<int64_t>((int64_t{1} << 24) / numbers, 1, 1000);
}

// What one row of logits says under a mask: the class it picks, and the cross-entropy of the label (infinite where the mask hides it).
struct Verdict {
    int64_t pick = 0;
    double loss = 0;
};

template <class Allowed> Verdict judge(const float* f, int64_t classes, int64_t label, Allowed&& allowed) {
    Verdict v;
    double top = -INFINITY;
    for (int64_t c = 0; c < classes; ++c)
        if (allowed(c) && static_cast<double>(f[c]) > top) top = static_cast<double>(f[c]), v.pick = c;
    if (top == -INFINITY) return {-1, INFINITY}; // nothing is allowed, or nothing is a number
    double sum = 0;
    for (int64_t c = 0; c < classes; ++c)
        if (allowed(c)) sum += std::exp(static_cast<double>(f[c]) - top);
    v.loss = allowed(label) ? std::log(sum) + top - static_cast<double>(f[label]) : INFINITY;
    return v;
}

} // namespace

void Runner::evaluate(int64_t row) {
    const double started = now();
    const auto& scenario = cell_.benchmark.spec.scenario;
    const auto before = learner_->save().digest();
    for (int64_t j = 0; j < stream_->tasks(); ++j) {
        if ((method_.flags & MNEME_NEEDS_TASK_ID) && j > row) continue; // it is not asked about tasks that it has not begun
        if (reporter_.due()) reporter_.progress(where("evaluate", std::max<int64_t>(row, 0)));
        const auto test = stream_->test(j);
        const int64_t n = test.size(), width = stream_->classes();
        const int64_t at_once = evaluation_rows(stream_->input_shape());
        auto all = at::empty({session_->replicas(), n, width}, at::kFloat);
        for (int64_t start = 0; start < n; start += at_once) {
            const int64_t rows = std::min(at_once, n - start);
            const auto logits = learner_->predict(session_->input(test.x.narrow(-2, start, rows)), scenario.kind == "task" ? j : -1);
            all.narrow(1, start, rows).copy_(logits);
        }
        count_predictions(row, j, all, test.y.to(at::kCPU));
    }
    if (learner_->save().digest() != before)
        throw Error(std::string(method_.id) + ", predict: changed the learner's state; an evaluation must leave it as it was", MNEME_STATE);

    if (row < 0) return;
    double sum = 0;
    for (auto& block : blocks_) {
        block.evaluate_seconds.at({0, 0, idx(row)}) = now() - started;
        for (int64_t j = 0; j <= row; ++j)
            sum += static_cast<double>(block.n_correct.at({0, 0, idx(row), idx(j)})) / block.n_evaluated.at({idx(j)});
    }
    accuracy_so_far_ = sum / static_cast<double>(row + 1) / static_cast<double>(blocks_.size());
    auto p = where("evaluate", row);
    p.step = p.steps = 1;
    reporter_.progress(p);
}

void Runner::count_predictions(int64_t row, int64_t j, const at::Tensor& logits, const at::Tensor& labels) {
    const auto& scenario = cell_.benchmark.spec.scenario;
    const int64_t n = logits.size(1), classes = logits.size(2);
    const bool by_class = scenario.kind == "class", masks_task = scenario.kind == "task" && scenario.head != "shared";
    std::vector<bool> of_task(idx(classes), false), seen(idx(classes), false);
    for (int64_t c : stream_->task(j).classes) of_task[idx(c)] = true;
    for (int64_t t = 0; t <= row; ++t)
        for (int64_t c : stream_->task(t).classes) seen[idx(c)] = true;
    const bool confuse = row >= 0 && !blocks_[0].confusion.empty() && (by_class || row + 1 == stream_->tasks());

    for (std::size_t r = 0; r < blocks_.size(); ++r) {
        if (diverged_[r]) continue; // its rows from now on do not exist
        auto& b = blocks_[r];
        int32_t correct = 0, aware = 0;
        double loss = 0;
        if (confuse)
            for (std::size_t a = 0; j == 0 && a < idx(classes); ++a)
                for (std::size_t c = 0; c < idx(classes); ++c) b.confusion.at({0, 0, idx(row), a, c}) = 0;
        const float* f = logits.data_ptr<float>() + static_cast<int64_t>(r) * n * classes;
        for (int64_t k = 0; k < n; ++k, f += classes) {
            const int64_t label = labels.data_ptr<int64_t>()[k];
            const auto v = judge(f, classes, label, [&](int64_t c) { return masks_task ? of_task[idx(c)] : !by_class || seen[idx(c)]; });
            correct += v.pick == label;
            loss += v.loss;
            if (by_class) aware += judge(f, classes, label, [&](int64_t c) { return of_task[idx(c)]; }).pick == label;
            if (confuse && v.pick >= 0) ++b.confusion.at({0, 0, idx(row), idx(label), idx(v.pick)});
        }
        if (row < 0) {
            b.initial_correct.at({0, 0, idx(j)}) = correct;
            continue;
        }
        b.n_correct.at({0, 0, idx(row), idx(j)}) = correct;
        if (by_class) b.n_correct_task_aware.at({0, 0, idx(row), idx(j)}) = aware;
        b.loss.at({0, 0, idx(row), idx(j)}) = std::isfinite(loss) ? loss / static_cast<double>(n) : std::nan("");
    }
}

} // namespace mneme::harness
