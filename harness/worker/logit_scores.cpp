// SPDX-License-Identifier: Apache-2.0
#include "worker/logit_scores.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <ATen/ATen.h>

namespace mneme::harness {
namespace {

// What one row of logits says under a mask: the class it picks, the probability of that, and the
// cross-entropy of the label (infinite where the mask hides it).
struct Verdict {
    int64_t pick = 0;
    double loss = 0, confidence = 0;
    double squared_error = 1; // of no probabilities
};

Verdict judge(const float* f, const bool* allowed, int64_t classes, int64_t label) {
    Verdict v;
    double top = -INFINITY;
    for (int64_t c = 0; c < classes; ++c)
        if (allowed[c] && static_cast<double>(f[c]) > top)
            top = static_cast<double>(f[c]), v.pick = c;
    if (top == -INFINITY) return {-1, INFINITY, 0, 1}; // nothing is allowed, or nothing is a number
    double sum = 0, squares = 0, of_label = 0; // of what is proportional to the probabilities
    for (int64_t c = 0; c < classes; ++c)
        if (allowed[c]) {
            const double p = std::exp(static_cast<double>(f[c]) - top);
            sum += p, squares += p * p;
            if (c == label) of_label = p;
        }
    v.squared_error = std::isnan(sum) ? 2 * (v.pick != label) // of an infinite logit
                                      : squares / (sum * sum) - 2 * of_label / sum + 1;
    v.loss = allowed[label] ? std::log(sum) + top - static_cast<double>(f[label]) : INFINITY;
    v.confidence = std::isnan(sum) ? 1 : 1 / sum; // of an infinite logit
    return v;
}

int64_t bin_of(double confidence) {
    const auto above = static_cast<int64_t>(std::ceil(confidence * confidence_bins));
    return std::clamp<int64_t>(above - 1, 0, confidence_bins - 1);
}

// Room for the counts of `replicas` whose rows are looped over.
LogitScores room_for(int64_t replicas, int64_t rows, int64_t classes, LogitScoreParts parts) {
    LogitScores out;
    out.correct = at::zeros({replicas}, at::kLong);
    out.loss = at::zeros({replicas}, at::kDouble);
    if (parts.confusion) out.confusion = at::zeros({replicas, classes, classes}, at::kLong);
    if (parts.picks) out.picks = at::zeros({replicas, rows}, at::kLong);
    if (parts.squared_error) out.squared_error = at::zeros({replicas}, at::kDouble);
    if (!parts.bins) return out;
    out.bin_count = at::zeros({replicas, confidence_bins}, at::kLong);
    out.bin_correct = at::zeros({replicas, confidence_bins}, at::kLong);
    out.bin_confidence = at::zeros({replicas, confidence_bins}, at::kDouble);
    return out;
}

template <class T> T* row_of(const at::Tensor& t, int64_t row) { // null: not asked for
    return t.defined() ? t.data_ptr<T>() + row * t.numel() / t.size(0) : nullptr;
}

// Bins of the rows that have a pick. No atomic addition: sums of equal rows are equal.
void fill_bins(LogitScores& out, const at::Tensor& logits, const at::Tensor& picked) {
    const auto confidence = // [S, n]; 1 of an infinite logit
        at::nan_to_num(at::exp(at::amax(logits, -1) - at::logsumexp(logits, -1)), 1);
    const auto bin = (confidence * confidence_bins).ceil().sub(1).clamp(0, confidence_bins - 1);
    const auto each = at::arange(confidence_bins, confidence.options());
    const auto in = (bin.unsqueeze(-1) == each).logical_and(picked.unsqueeze(-1)); // [S, n, bins]
    out.bin_count = in.sum(1);
    out.bin_confidence =
        at::where(in, confidence.unsqueeze(-1), at::zeros({}, confidence.options())).sum(1);
    out.bin_correct = in;
}

at::Tensor squared_errors(const at::Tensor& logits, const at::Tensor& label,
                          const at::Tensor& right, const at::Tensor& picked) {
    const auto p = at::softmax(logits.to(at::kDouble), -1);
    const auto of_label = p.gather(-1, label.unsqueeze(-1)).squeeze(-1);
    const auto each = p.square().sum(-1) - 2 * of_label + 1; // NaN of an infinite logit
    const auto certain = right.logical_not().to(at::kDouble) * 2;
    return at::where(picked, at::where(each.isnan(), certain, each), at::ones({}, p.options()))
        .sum(-1);
}

} // namespace

LogitScores score_logits(const at::Tensor& logits, const at::Tensor& labels,
                         const at::Tensor& allowed, LogitScoreParts parts) {
    return logits.is_cpu() ? score_by_rows(logits, labels, allowed, parts)
                           : score_by_operators(logits, labels, allowed, parts);
}

LogitScores score_by_rows(const at::Tensor& logits, const at::Tensor& labels,
                          const at::Tensor& allowed, LogitScoreParts parts) {
    const int64_t replicas = logits.size(0), n = logits.size(1), classes = logits.size(2);
    LogitScores out = room_for(replicas, n, classes, parts);
    const bool* counts = allowed.data_ptr<bool>();
    const float* f = logits.data_ptr<float>();
    for (int64_t s = 0; s < replicas; ++s) {
        int64_t correct = 0;
        double loss = 0, squared = 0;
        int64_t *cells = row_of<int64_t>(out.confusion, s), *picks = row_of<int64_t>(out.picks, s),
                *count = row_of<int64_t>(out.bin_count, s),
                *right = row_of<int64_t>(out.bin_correct, s);
        double* sure = row_of<double>(out.bin_confidence, s);
        for (int64_t k = 0; k < n; ++k, f += classes) {
            const int64_t label = labels.data_ptr<int64_t>()[k];
            const auto v = judge(f, counts, classes, label);
            correct += v.pick == label;
            loss += v.loss;
            if (picks) picks[k] = v.pick;
            squared += v.squared_error;
            if (v.pick < 0) continue;
            if (cells) ++cells[label * classes + v.pick];
            if (!count) continue;
            const int64_t bin = bin_of(v.confidence);
            ++count[bin], right[bin] += v.pick == label, sure[bin] += v.confidence;
        }
        out.correct.data_ptr<int64_t>()[s] = correct;
        out.loss.data_ptr<double>()[s] = loss;
        if (parts.squared_error) out.squared_error.data_ptr<double>()[s] = squared;
    }
    return out;
}

LogitScores score_by_operators(const at::Tensor& logits, const at::Tensor& labels,
                               const at::Tensor& allowed, LogitScoreParts parts) {
    const int64_t replicas = logits.size(0), n = logits.size(1), classes = logits.size(2);
    const auto none = at::full({}, -std::numeric_limits<float>::infinity(), logits.options());
    const auto seen = at::where(allowed.logical_and(at::isnan(logits).logical_not()), logits, none);
    const auto [top, pick] = seen.max(-1);
    const auto picked = top > none;
    const auto label = labels.expand({replicas, n});
    const auto right = (pick == label).logical_and(picked);

    LogitScores out;
    out.correct = right.sum(-1);
    const auto f = at::where(allowed, logits, none).to(at::kDouble);
    out.loss = (at::logsumexp(f, -1) - f.gather(-1, label.unsqueeze(-1)).squeeze(-1)).sum(-1);
    if (parts.picks) out.picks = at::where(picked, pick, at::full_like(pick, -1));
    if (parts.squared_error) out.squared_error = squared_errors(seen, label, right, picked);
    if (parts.bins) {
        fill_bins(out, seen.to(at::kDouble), picked);
        out.bin_correct = out.bin_correct.logical_and(right.unsqueeze(-1)).sum(1);
    }
    if (parts.confusion) {
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
