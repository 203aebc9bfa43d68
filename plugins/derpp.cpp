// SPDX-License-Identifier: Apache-2.0
// Dark Experience Replay, DER++ and (beta = 0) DER. Buzzega et al. 2020, arXiv:2004.07211, eq. 6.
//
//   L(theta) = CE(f(x), y) + alpha ||z' - h(x')||^2 + beta CE(f(x''), y'')
//
// (x', z') and (x'', y'') are two draws from a reservoir; z' are the logits that the network had
// when x' was stored. As in the authors' code the square is a mean over the C logits: divide alpha
// by C for the paper's sum. Only logits that count for the row (the head rule) are compared. Rows
// are stored as they are and moved anew when they are drawn, as the paper has it.
#include <mneme/gradients.hpp>
#include <mneme/mneme.hpp>
#include <mneme/replay_learner.hpp>

namespace {

class Derpp final : public mneme::ReplayLearner {
  public:
    explicit Derpp(mneme::Setup& s)
        : ReplayLearner(s, {.lr = 0.03, .batch_size = 32, .momentum = 0}, {"reservoir"}, 32),
          alpha_(
              s.options.number("alpha", 0.1, {.min = 0}, "weight of the match with stored logits")),
          beta_(s.options.number("beta", 0.5, {.min = 0},
                                 "weight of the labels of stored rows; 0: DER")) {
        memory().keep(net().classes());
    }

    void observe(const mneme::Batch& batch) override {
        const auto first = memory().draw(), second = memory().draw();
        const auto matched = memory().augmented_at(first), labelled = memory().augmented_at(second);
        const auto z_stored = memory().own_at(first);
        mneme::Tensor z_now;
        const auto all = concat(concat(batch, matched), labelled);
        const auto g = gradient(net(), weights(), all, [&](const mneme::Tensor& z) {
            const int64_t b = batch.rows(), m = matched.rows();
            z_now = z.narrow(1, 0, b).clone();
            const auto current = loss_cotangent(net(), z_now, batch);
            const auto apart =
                (z.narrow(1, b, m) - z_stored).masked_fill(!net().head(matched.task), 0);
            const auto match = shares(matched) * apart * (2.0 / double(net().classes()));
            const auto labels = loss_cotangent(net(), z.narrow(1, b + m, m).clone(), labelled);
            return mneme::cat({current, alpha_.unsqueeze(2) * match, beta_.unsqueeze(2) * labels},
                              1);
        });
        descend(g);
        memory().add(batch.as_stored(), {z_now});
    }

  private:
    const mneme::Tensor alpha_, beta_; // [S, 1]
};

} // namespace

MNEME_METHOD(Derpp, "derpp", "replay that matches stored logits, and stored labels (DER, DER++)",
             "arXiv:2004.07211", stores_examples)
