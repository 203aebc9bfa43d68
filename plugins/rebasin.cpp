// SPDX-License-Identifier: Apache-2.0
// RebasinIL: each task after the first trains soft permutations of the current network, and a small
// residual. Guerrero Pena et al. 2023, arXiv:2212.12042, section 4.3; eq. 12 is the last line.
//
//   theta_mid = (theta_A + pi_P(theta_A)) / 2 + delta,   soft P = S_tau(X)
//   L = CE(theta_mid) on the current rows and the memory's
//   X     <- AdamW(X, dL/dX; perm_lr, perm_decay)
//   delta <- delta - residual_lr (clip(dL/ddelta) + residual_decay delta)
//   theta <- keep theta_A + (1 - keep) pi_P(theta_A) + delta     at the task's end, P an assignment
//
// X: one [n, n] for each hidden dimension, anew in each task. clip: entry by entry. delta is drawn
// from 1e-4 N(0, 1) at first.
// theta_A is the network as the last task left it; the first task is plain training. The published
// code adds up a mean for each task label in the batch, and repeats a small memory until it fills a
// batch; here one mean is over all rows, and each stored row stands in it once at most. Two
// controls: `permute` = false leaves P at the identity, `residual` = false delta at 0.
#include <mneme/mneme.hpp>
#include <mneme/rebasin.hpp>
#include <mneme/replay_learner.hpp>

namespace {

using mneme::Tensor;

class RebasinIL final : public mneme::ReplayLearner {
  public:
    explicit RebasinIL(mneme::Setup& s)
        : ReplayLearner(s,
                        {.lr = 1e-3,
                         .batch_size = 500,
                         .rule = mneme::Rule::adamw,
                         .epochs = 5,
                         .weight_decay = 0.01},
                        {"class_balanced", "ring", "reservoir"}, 500, 5),
          rebasin_(s),
          keep_(s.options.number("keep", 0.8, {.min = 0, .max = 1},
                                 "share of the unpermuted network in the deployed one (alpha)")),
          clip_(s.options.number("clip", 0.001, {.above = 0},
                                 "largest entry of the residual's gradient")),
          permute_(s.options.flag("permute", true, "train permutations")),
          residual_(s.options.flag("residual", true, "train a residual")),
          residual_init_(s.random("residual_init")), delta_(zeros_like(weights().theta)),
          descend_delta_({.lr = s.options.number("residual_lr", 0.05, {.min = 0},
                                                 "rate of the residual (gamma)"),
                          .weight_decay = s.options.real("residual_decay", 0.1, {.min = 0},
                                                         "weight decay of the residual (beta)")},
                         delta_),
          real_(s.net.real().to(mneme::DType::float32)) {}

    void begin_task(const mneme::Task& task) override {
        ReplayLearner::begin_task(task);
        if (task.first()) return;
        if (permute_) rebasin_.begin();
        if (residual_) delta_.copy_(residual_init_.normal({net().columns()}) * 1e-4 * real_);
    }
    std::vector<mneme::Phase> phases(const mneme::Task& task) const override {
        return {{.name = task.first() ? "train" : "rebasin"}};
    }
    void begin_phase(const mneme::Phase& phase) override { rebasing_ = phase.name == "rebasin"; }

    void observe(const mneme::Batch& batch) override {
        const auto rows = joined(batch);
        memory().add(batch);
        const auto& a = weights().theta;
        if (!rebasing_) return descend(rows);
        const auto p = permute_ ? rebasin_.soft() : mneme::Permutations();
        const auto g =
            net().gradient(at((permute_ ? (a + rebasin_.permuted(a, p)) * 0.5 : a) + delta_), rows);
        if (permute_) rebasin_(a, p, g * 0.5);
        if (residual_) descend_delta_(delta_, minimum(maximum(g, -clip_), clip_));
    }

    void end_phase(const mneme::Phase&) override {
        if (rebasing_) weights().theta.copy_(deployed());
        rebasing_ = false;
    }

    Tensor predict(const Tensor& x, mneme::TaskId) const override {
        return net().logits(rebasing_ ? at(deployed()) : weights(), x, mneme::Mode::eval);
    }

    void state(mneme::State& s) override {
        ReplayLearner::state(s);
        s("rebasin", rebasin_);
        s("descend_delta", descend_delta_);
        s("~delta", delta_);
        s("~rebasing", rebasing_);
    }

  private:
    Tensor deployed() const { // theta_new
        const auto& a = weights().theta;
        return (permute_ ? keep_ * a + (1 - keep_) * rebasin_.permuted(a, rebasin_.hard()) : a) +
               delta_;
    }

    mneme::Rebasin rebasin_;
    const Tensor keep_, clip_; // [S, 1]
    const bool permute_, residual_;
    mneme::Random residual_init_;
    Tensor delta_; // [S, P]
    mneme::Optimizer descend_delta_;
    const Tensor real_; // [1, P] 1 where a column is a parameter, 0 in the padding
    bool rebasing_ = false;
};

} // namespace

MNEME_METHOD(RebasinIL, "rebasin",
             "soft permutations of the last network and a small residual, with replay",
             "arXiv:2212.12042", stores_examples, eager,
             needs_task_boundaries) // the library's factorisation on a device has not been captured
                                    // in a graph
