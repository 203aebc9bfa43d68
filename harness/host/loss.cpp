// SPDX-License-Identifier: Apache-2.0
// Cross-entropy under the head rule, and the derivatives with respect to the logits that per-sample
// quantities start from.
#include <cmath>

#include <mneme/error.hpp>

#include "host/handle.hpp"
#include "host/model.hpp"
#include "host/ones.hpp"

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

at::Tensor masked_logits(const at::Tensor& logits, const at::Tensor& mask) {
    return at::where(mask, logits, at::full({}, masked, logits.options()));
}

void fits(const at::Tensor& logits, const mneme_batch& batch) {
    const auto y = value_of(batch.y);
    if (y.dim() != 2 || y.size(0) != logits.size(0) || y.size(1) != logits.size(1))
        throw Error("batch: y does not fit logits of " + std::to_string(logits.size(0)) + " x " +
                        std::to_string(logits.size(1)) +
                        " rows; repeat the batch to match stacked weights",
                    MNEME_ARGUMENT);
}

// True for its lifetime, where `on` says so.
class NotingLosses final {
  public:
    NotingLosses(bool& noting, bool on) : noting_(noting) { noting_ = on; }
    ~NotingLosses() { noting_ = false; }
    NotingLosses(const NotingLosses&) = delete;
    NotingLosses& operator=(const NotingLosses&) = delete;

  private:
    bool& noting_;
};

} // namespace

at::Tensor Model::losses(const at::Tensor& logits, const mneme_batch& batch) const {
    fits(logits, batch);
    const auto f = masked_logits(logits, head_mask(value_of(batch.task)));
    return -at::log_softmax(f, -1).gather(-1, value_of(batch.y).unsqueeze(-1)).squeeze(-1);
}

at::Tensor Model::loss(const at::Tensor& losses, const at::Tensor& weight) const {
    const auto share = shares(weight, losses);
    return at::where(share > 0, losses * share, at::zeros_like(losses)).sum(1);
}

at::Tensor Model::gradient(const bench::Weights& w, const mneme_batch& batch, bench::Mode mode) {
    return gradient(w, batch, mode,
                    [&](const at::Tensor& logits) { return loss_cotangent(logits, batch); });
}

at::Tensor Model::gradient(const bench::Weights& w, const mneme_batch& batch, bench::Mode mode,
                           const bench::Cotangent& cotangent) {
    const auto noted = [&](const at::Tensor& logits) {
        const NotingLosses while_asked(
            noting_, mode == bench::Mode::train && logits.size(0) == placement_.replicas);
        return cotangent(logits);
    };
    return network_.gradient({w.theta, w.stats, counts(batch)}, value_of(batch.x), mode,
                             mode == bench::Mode::train ? dropout(batch) : bench::Dropout{}, noted);
}

at::Tensor Model::loss_cotangent(const at::Tensor& logits, const mneme_batch& batch) {
    fits(logits, batch);
    if (logits.scalar_type() != at::kFloat) return cross_entropy_by_operators(logits, batch);
    return cross_entropy(logits, batch, noting_ ? batch.current : 0);
}

// Each row is a replica of its own, with one row.
at::Tensor Model::gradients_of_rows(const bench::Weights& w, const mneme_batch& batch,
                                    const at::Tensor& cotangents) const {
    const auto x = value_of(batch.x);
    const int64_t replicas = w.theta.size(0), rows = x.size(-2), columns = w.theta.size(1);
    auto d = cotangents;
    if (!d.defined()) {
        const auto logits = network_.logits(w, x, bench::Mode::eval, {});
        fits(logits, batch);
        const auto f = masked_logits(logits, head_mask(value_of(batch.task)));
        d = at::softmax(f, -1) - onehot(value_of(batch.y), f);
    }
    if (d.dim() != 3 || d.size(0) != replicas || d.size(1) != rows ||
        d.size(2) != network_.classes())
        throw Error(c10::str("gradients_of_rows: cotangents are ", d.sizes(), "; give [", replicas,
                             ", ", rows, ", ", network_.classes(), "]"),
                    MNEME_ARGUMENT);
    const auto whole = x.dim() == 3 ? x : x.unsqueeze(0).expand({replicas, -1, -1});
    const auto each = d.flatten(0, 1).unsqueeze(1);
    const auto stats = w.stats.defined() ? w.stats.repeat_interleave(rows, 0) : w.stats;
    return network_
        .gradient({w.theta.repeat_interleave(rows, 0), stats}, whole.flatten(0, 1).unsqueeze(1),
                  bench::Mode::eval, {}, [&](const at::Tensor&) { return each; })
        .view({replicas, rows, columns});
}

at::Tensor Model::cross_entropy(const at::Tensor& given, const mneme_batch& batch,
                                int64_t current) {
    const auto logits = given.contiguous(), y = value_of(batch.y).contiguous(),
               weight = value_of(batch.weight).contiguous();
    const auto task = value_of(batch.task).contiguous();
    const bool by_task = head_.by_task();
    const at::Tensor* counts = by_task                     ? &task_mask_
                               : head_.scenario == "class" ? &seen_mask_
                                                           : nullptr;
    auto out = at::empty_like(logits);
    placement_.kernels().cross_entropy(
        {logits.data_ptr<float>(), counts ? counts->data_ptr<bool>() : nullptr,
         by_task ? task.data_ptr<int64_t>() : nullptr, y.data_ptr<int64_t>(),
         weight.data_ptr<float>(), out.data_ptr<float>(), logits.size(0), logits.size(1),
         logits.size(2), current, loss_sum_.data_ptr<double>(), loss_weight_.data_ptr<double>()},
        placement_.stream());
    return out;
}

// Of weights in double precision; their losses are not noted.
at::Tensor Model::cross_entropy_by_operators(const at::Tensor& logits,
                                             const mneme_batch& batch) const {
    const auto f = masked_logits(logits, head_mask(value_of(batch.task)));
    return (at::softmax(f, -1) - onehot(value_of(batch.y), f)) *
           shares(value_of(batch.weight), f).unsqueeze(-1);
}

at::Tensor Model::per_sample(const bench::Weights& w, const mneme_batch& batch, int32_t of,
                             int32_t reduce) const {
    const auto y = value_of(batch.y);
    const bool absolute = reduce == MNEME_ABS;
    const auto cotangents = [&](const at::Tensor& logits) {
        fits(logits, batch);
        const auto mask = head_mask(value_of(batch.task));
        const auto f = masked_logits(logits, mask), p = at::softmax(f, -1);
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
