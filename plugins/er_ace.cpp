// SPDX-License-Identifier: Apache-2.0
// ER-ACE: experience replay with an asymmetric cross-entropy. Caccia et al. 2021, arXiv:2104.05025,
// eq. 3.
//
//   L(theta) = CE(X_in; C_curr) + CE(X_bf; C_old and C_curr)
//
// C_curr: the classes that are in the incoming batch; only their logits enter its softmax, so that
// a new class does not push the old ones away. X_bf is drawn from a reservoir, and its loss stands
// under the head rule. Both parts have weight 1. The memory is drawn from at once, in the first
// task too (the authors' code waits for the second).
#include <mneme/gradients.hpp>
#include <mneme/mneme.hpp>
#include <mneme/replay_learner.hpp>

namespace {

class ErAce final : public mneme::ReplayLearner {
  public:
    explicit ErAce(mneme::Setup& s)
        : ReplayLearner(s, {.lr = 0.1, .batch_size = 10, .momentum = 0},
                        {"reservoir", "class_balanced", "ring"}, 10) {}

    void observe(const mneme::Batch& batch) override {
        mneme::Batch stored;
        if (!memory().empty()) stored = memory().augmented_at(memory().draw());
        const auto all = memory().empty() ? batch : concat(batch, stored);
        descend(gradient(net(), weights(), all, [&](const mneme::Tensor& z) {
            const int64_t b = batch.rows();
            const auto incoming = of_incoming(z.narrow(1, 0, b), batch);
            if (memory().empty()) return incoming;
            const auto z_bf = z.narrow(1, b, stored.rows()).clone();
            return mneme::cat({incoming, loss_cotangent(net(), z_bf, stored)}, 1);
        }));
        memory().add(batch.as_stored());
    }

  private:
    // d CE / d z [S, B, C] over the classes of the batch. A row without weight brings no class.
    mneme::Tensor of_incoming(const mneme::Tensor& z, const mneme::Batch& batch) const {
        const auto label = net().one_hot(batch.y); // [S, B, C]
        const auto current = (label && (batch.weight > 0).unsqueeze(2)).any(1, mneme::keepdim);
        const auto counts = current && net().head(batch.task);
        const auto log_p = z.masked_fill(!counts, -1e30).log_softmax(-1);
        report_loss(net(), -where(label && counts, log_p, zeros_like(log_p)).sum(2), batch);
        return shares(batch) *
               (exp(log_p) - label.to(mneme::DType::float32)).masked_fill(!counts, 0);
    }
};

} // namespace

MNEME_METHOD(ErAce, "er_ace", "replay; incoming rows compete with classes of their own batch only",
             "arXiv:2104.05025", stores_examples)
