// SPDX-License-Identifier: Apache-2.0
// Cross-entropy under the head rule, and the derivatives with respect to the logits that per-sample
// quantities start from.
#include <cmath>

#include <mneme/error.hpp>

#include "host/handle.hpp"
#include "host/ones.hpp"
#include "host/session.hpp"

namespace mneme::host {
namespace {

constexpr double masked = -1e30; // finite, so that 0 * masked is 0 and not NaN

// [S, B]: weight / sum of weights, 0 where the sum is 0
at::Tensor shares(const at::Tensor& weight, const at::Tensor& like) {
    const auto w = weight.to(like.scalar_type());
    const auto total = w.sum(1, true);
    return at::where(total > 0, w / total, at::zeros_like(w));
}

at::Tensor onehot(const at::Tensor& y, const at::Tensor& like) {
    return at::zeros_like(like).scatter_(-1, y.unsqueeze(-1), 1);
}

// d quantity / d logits of each row, [S, B, C], for a quantity that is one number a row. f: masked
// logits, p: their softmax.
at::Tensor quantity(int32_t of, const at::Tensor& f, const at::Tensor& p, const at::Tensor& mask,
                    const at::Tensor& y) {
    switch (of) {
        case MNEME_OF_LOSS: return p - onehot(y, p);
        case MNEME_OF_LOGITS_NORM: return at::where(mask, 2 * f, at::zeros_like(f));
        case MNEME_OF_PROBABILITY_NORM: return 2 * p * (p - p.square().sum(-1, true));
        case MNEME_OF_MAX_LOGIT: {
            const auto top = f.argmax(-1);
            return 2 * f * onehot(top, f);
        }
        case MNEME_OF_MAX_PROBABILITY: {
            const auto top = p.argmax(-1);
            const auto most = p.gather(-1, top.unsqueeze(-1));
            return 2 * most.square() * (onehot(top, p) - p);
        }
    }
    throw Error("per_sample: quantity " + std::to_string(of) +
                    " is not known to this host; it knows 0 to 5",
                MNEME_ARGUMENT);
}

void fits(const at::Tensor& logits, const mneme_batch& batch) {
    const auto y = value_of(batch.y);
    if (y.dim() != 2 || y.size(0) != logits.size(0) || y.size(1) != logits.size(1))
        throw Error("batch: y does not fit logits of " + std::to_string(logits.size(0)) + " x " +
                        std::to_string(logits.size(1)) +
                        " rows; repeat the batch to match stacked weights",
                    MNEME_ARGUMENT);
}

} // namespace

at::Tensor Session::head_mask(const at::Tensor& task) const {
    const std::vector<int64_t> shape{task.size(0), task.size(1), head_.width};
    if (head_.scenario == "class") return seen_mask_.expand(shape);
    if (head_.scenario == "task" && !head_.shared)
        return task_mask_.index_select(0, task.reshape({-1})).view(shape);
    return at::ones({1, 1, 1}, at::device(device_).dtype(at::kBool)).expand(shape);
}

at::Tensor Session::losses(const at::Tensor& logits, const mneme_batch& batch) const {
    fits(logits, batch);
    const auto f =
        at::where(head_mask(value_of(batch.task)), logits, at::full({}, masked, logits.options()));
    return -at::log_softmax(f, -1).gather(-1, value_of(batch.y).unsqueeze(-1)).squeeze(-1);
}

at::Tensor Session::loss(const at::Tensor& losses, const at::Tensor& weight) const {
    const auto share = shares(weight, losses);
    return at::where(share > 0, losses * share, at::zeros_like(losses)).sum(1);
}

at::Tensor Session::counts(const mneme_batch& batch) const {
    const auto weight = value_of(batch.weight);
    return are_known_ones(weight) ? at::Tensor() : weight;
}

at::Tensor Session::gradient(const bench::Weights& w, const mneme_batch& batch, bench::Mode mode) {
    const auto cotangent = [&](const at::Tensor& logits) {
        fits(logits, batch);
        const bool noted = mode == bench::Mode::train && logits.size(0) == replicas();
        const int64_t current = noted ? batch.current : 0;
        return logits.scalar_type() == at::kFloat ? cross_entropy(logits, batch, current)
                                                  : cross_entropy_by_operators(logits, batch);
    };
    return network_.gradient({w.theta, w.stats, counts(batch)}, value_of(batch.x), mode,
                             mode == bench::Mode::train ? dropout(batch) : bench::Dropout{},
                             cotangent);
}

at::Tensor Session::cross_entropy(const at::Tensor& given, const mneme_batch& batch,
                                  int64_t current) {
    const auto logits = given.contiguous(), y = value_of(batch.y).contiguous(),
               weight = value_of(batch.weight).contiguous();
    const auto task = value_of(batch.task).contiguous();
    const bool by_task = head_.scenario == "task" && !head_.shared;
    const at::Tensor* counts = by_task                     ? &task_mask_
                               : head_.scenario == "class" ? &seen_mask_
                                                           : nullptr;
    auto out = at::empty_like(logits);
    kernels().cross_entropy(
        {logits.data_ptr<float>(), counts ? counts->data_ptr<bool>() : nullptr,
         by_task ? task.data_ptr<int64_t>() : nullptr, y.data_ptr<int64_t>(),
         weight.data_ptr<float>(), out.data_ptr<float>(), logits.size(0), logits.size(1),
         logits.size(2), current, loss_sum_.data_ptr<double>(), loss_weight_.data_ptr<double>()},
        stream());
    return out;
}

// Of weights in double precision; their losses are not noted.
at::Tensor Session::cross_entropy_by_operators(const at::Tensor& logits,
                                               const mneme_batch& batch) const {
    const auto f =
        at::where(head_mask(value_of(batch.task)), logits, at::full({}, masked, logits.options()));
    return (at::softmax(f, -1) - onehot(value_of(batch.y), f)) *
           shares(value_of(batch.weight), f).unsqueeze(-1);
}

at::Tensor Session::per_sample(const bench::Weights& w, const mneme_batch& batch, int32_t of,
                               int32_t reduce) const {
    const auto y = value_of(batch.y);
    const bool absolute = reduce == MNEME_ABS;
    const auto cotangents = [&](const at::Tensor& logits) {
        fits(logits, batch);
        const auto mask = head_mask(value_of(batch.task));
        const auto f = at::where(mask, logits, at::full({}, masked, logits.options())),
                   p = at::softmax(f, -1);
        // The mean's weights go into the cotangents: |w g| = w |g| and (sqrt(w) g)^2 = w g^2.
        const auto factor = [&](const at::Tensor& weight) {
            return (absolute ? weight : weight.sqrt()).unsqueeze(-1);
        };
        const auto share = shares(value_of(batch.weight), p);
        std::vector<at::Tensor> out;
        if (of != MNEME_OF_LOSS_EXPECTED)
            return out.push_back(quantity(of, f, p, mask, y) * factor(share)), out;
        for (int64_t c = 0; c < p.size(-1); ++c)
            out.push_back(quantity(MNEME_OF_LOSS, f, p, mask, at::full_like(y, c)) *
                          factor(share * p.select(-1, c)));
        return out;
    };
    return network_.per_sample(w, value_of(batch.x), cotangents, absolute);
}

} // namespace mneme::host
