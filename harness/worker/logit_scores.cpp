// SPDX-License-Identifier: Apache-2.0
#include "worker/logit_scores.hpp"

#include <cmath>
#include <limits>

#include <ATen/ATen.h>

namespace mneme::harness {
namespace {

// What one row of logits says under a mask: the class it picks, and the cross-entropy of the label
// (infinite where the mask hides it).
struct Verdict {
    int64_t pick = 0;
    double loss = 0;
};

Verdict judge(const float* f, const bool* allowed, int64_t classes, int64_t label) {
    Verdict v;
    double top = -INFINITY;
    for (int64_t c = 0; c < classes; ++c)
        if (allowed[c] && static_cast<double>(f[c]) > top)
            top = static_cast<double>(f[c]), v.pick = c;
    if (top == -INFINITY) return {-1, INFINITY}; // nothing is allowed, or nothing is a number
    double sum = 0;
    for (int64_t c = 0; c < classes; ++c)
        if (allowed[c]) sum += std::exp(static_cast<double>(f[c]) - top);
    v.loss = allowed[label] ? std::log(sum) + top - static_cast<double>(f[label]) : INFINITY;
    return v;
}

} // namespace

LogitScores score_logits(const at::Tensor& logits, const at::Tensor& labels,
                         const at::Tensor& allowed, bool confusion) {
    return logits.is_cpu() ? score_by_rows(logits, labels, allowed, confusion)
                           : score_by_operators(logits, labels, allowed, confusion);
}

LogitScores score_by_rows(const at::Tensor& logits, const at::Tensor& labels,
                          const at::Tensor& allowed, bool confusion) {
    const int64_t replicas = logits.size(0), n = logits.size(1), classes = logits.size(2);
    LogitScores out{at::zeros({replicas}, at::kLong), at::zeros({replicas}, at::kDouble), {}};
    if (confusion) out.confusion = at::zeros({replicas, classes, classes}, at::kLong);
    const bool* counts = allowed.data_ptr<bool>();
    const float* f = logits.data_ptr<float>();
    for (int64_t s = 0; s < replicas; ++s) {
        int64_t correct = 0;
        double loss = 0;
        int64_t* cells =
            confusion ? out.confusion.data_ptr<int64_t>() + s * classes * classes : nullptr;
        for (int64_t k = 0; k < n; ++k, f += classes) {
            const int64_t label = labels.data_ptr<int64_t>()[k];
            const auto v = judge(f, counts, classes, label);
            correct += v.pick == label;
            loss += v.loss;
            if (cells && v.pick >= 0) ++cells[label * classes + v.pick];
        }
        out.correct.data_ptr<int64_t>()[s] = correct;
        out.loss.data_ptr<double>()[s] = loss;
    }
    return out;
}

LogitScores score_by_operators(const at::Tensor& logits, const at::Tensor& labels,
                               const at::Tensor& allowed, bool confusion) {
    const int64_t replicas = logits.size(0), n = logits.size(1), classes = logits.size(2);
    const auto none = at::full({}, -std::numeric_limits<float>::infinity(), logits.options());
    const auto seen = at::where(allowed.logical_and(at::isnan(logits).logical_not()), logits, none);
    const auto [top, pick] = seen.max(-1);
    const auto picked = top > none;
    const auto label = labels.expand({replicas, n});

    LogitScores out;
    out.correct = (pick == label).logical_and(picked).sum(-1);
    const auto f = at::where(allowed, logits, none).to(at::kDouble);
    out.loss = (at::logsumexp(f, -1) - f.gather(-1, label.unsqueeze(-1)).squeeze(-1)).sum(-1);
    if (confusion) {
        const auto replica = at::arange(replicas, label.options()).unsqueeze(1);
        const auto cell = (replica * classes + label) * classes + pick;
        const int64_t cells = replicas * classes * classes; // and one more, for rows without a pick
        auto counts = at::zeros({cells + 1}, label.options());
        counts.scatter_add_(0, at::where(picked, cell, at::full_like(cell, cells)).flatten(),
                            at::ones({replicas * n}, label.options()));
        out.confusion = counts.narrow(0, 0, cells).view({replicas, classes, classes});
    }
    return out;
}

} // namespace mneme::harness
