// SPDX-License-Identifier: Apache-2.0
// Synaptic Intelligence. Zenke, Poole, Ganguli 2017, arXiv:1703.04200, eq. 3 to 5.
//
//   L(theta) = CE(theta) + c sum_i Omega_i (theta_i - anchor_i)^2
//   every step:  w_i <- w_i - g_i D_i,    g the gradient of CE alone before the step, D the change
//       that the optimiser really made
//   task's end:  Omega_i <- Omega_i + max(0, w_i / ((theta_i - start_i)^2 + xi)),    anchor <-
//       theta
//
// D includes momentum and the penalty's pull. relu_on = "total" takes the maximum of the running
// sum instead, as the authors' code does.
#include <mneme/mneme.hpp>
#include <mneme/penalty.hpp>

namespace {

class Si final : public mneme::Learner {
  public:
    explicit Si(mneme::Setup& s)
        : Learner(s), c_(s.options.number("c", 0.1, {.min = 0}, "weight of the penalty (no 1/2)")),
          xi_(s.options.number("xi", 0.1, {.above = 0},
                               "damping of the division by the squared change")),
          total_(s.options.choice("relu_on", {"increment", "total"},
                                  "what is kept from falling below 0") == "total"),
          descend_(s.optimizer({.lr = 0.03, .batch_size = 10, .momentum = 0})),
          omega_(zeros_like(weights().theta)), anchor_(weights().theta.clone()), w_(omega_.clone()),
          start_(anchor_.clone()) {}

    void begin_task(const mneme::Task& task) override {
        descend_.begin(task);
        w_.zero_();
        start_.copy_(weights().theta);
    }

    void observe(const mneme::Batch& batch) override {
        const auto g = net().gradient(weights(), batch);
        descend_(weights(), g,
                 {.importance = omega_, .anchor = anchor_, .strength = c_, .path = w_});
    }

    void end_task(const mneme::Task& task) override {
        const auto increment = w_ / (square(weights().theta - start_) + xi_);
        omega_ = total_ ? (omega_ + increment).clamp_min(0) : omega_ + increment.clamp_min(0);
        anchor_ = weights().theta.clone();
        log_pull(task, c_, omega_, descend_);
    }

    void state(mneme::State& s) override {
        Learner::state(s);
        s("omega", omega_);
        s("anchor", anchor_);
        s("~w", w_);
        s("~start", start_);
        s("descend", descend_);
    }

  private:
    const mneme::Tensor c_, xi_; // [S, 1]
    const bool total_;
    mneme::Optimizer descend_;
    mneme::Tensor omega_, anchor_, w_, start_; // [S, P]
};

} // namespace

MNEME_METHOD(Si, "si", "quadratic penalty by each weight's share in the fall of the loss",
             "arXiv:1703.04200", needs_task_boundaries)
