// SPDX-License-Identifier: Apache-2.0
// Dark Experience Replay, DER++ and (beta = 0) DER. Buzzega et al. 2020, arXiv:2004.07211, eq. 6.
//
//   L(theta) = CE(f(x), y) + alpha ||z' - h(x')||^2 + beta CE(f(x''), y'')
//
// (x', z') and (x'', y'') are two draws from a reservoir; z' are the logits that the network had
// when x' was stored. As in the authors' code the square is a mean over the C logits: divide alpha
// by C for the paper's sum. Only logits that count for the row (the head rule) are compared. Rows
// are stored as they are and moved anew when they are drawn, as the paper has it.
#include <mneme/augment.hpp>
#include <mneme/gradients.hpp>
#include <mneme/mneme.hpp>

namespace {

class Derpp final : public mneme::Learner {
  public:
    explicit Derpp(mneme::Setup& s)
        : Learner(s), alpha_(s.options.number("alpha", 0.1, {.min = 0},
                                              "weight of the match with stored logits")),
          beta_(s.options.number("beta", 0.5, {.min = 0},
                                 "weight of the labels of stored rows; 0: DER")),
          memory_(s, {"reservoir"}, 32), view_(s.random("memory_view")),
          descend_(s.optimizer({.lr = 0.03, .batch_size = 32, .momentum = 0})) {
        memory_.keep(net().classes());
    }

    void begin_task(const mneme::Task& task) override {
        descend_.begin(task);
        memory_.start(task);
    }

    void observe(const mneme::Batch& batch) override {
        const auto first = memory_.draw(), second = memory_.draw();
        const auto matched = seen_anew(first), labelled = seen_anew(second);
        const auto z_stored = memory_.own_at(first);
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
        descend_(weights(), g);
        memory_.add(batch.as_stored(), {z_now});
    }

    void state(mneme::State& s) override {
        Learner::state(s);
        s("memory", memory_);
        s("descend", descend_);
    }

  private:
    mneme::Batch seen_anew(const mneme::Tensor& positions) const {
        auto rows = memory_.at(positions);
        rows.x = augmented(view_, rows.x);
        return rows;
    }

    const mneme::Tensor alpha_, beta_; // [S, 1]
    mneme::ReplayMemory memory_;
    const mneme::Random view_;
    mneme::Optimizer descend_;
};

} // namespace

MNEME_METHOD(Derpp, "derpp", "replay that matches stored logits, and stored labels (DER, DER++)",
             "arXiv:2004.07211", stores_examples)
