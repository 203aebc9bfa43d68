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
#include <mneme/descent_learner.hpp>
#include <mneme/mneme.hpp>
#include <mneme/penalty.hpp>

namespace {

class Si final : public mneme::DescentLearner {
  public:
    explicit Si(mneme::Setup& s)
        : DescentLearner(s, {.lr = 0.03, .batch_size = 10, .momentum = 0}),
          penalty_(s.options.number("c", 0.1, {.min = 0}, "weight of the penalty (no 1/2)"),
                   weights().theta),
          xi_(s.options.number("xi", 0.1, {.above = 0},
                               "damping of the division by the squared change")),
          total_(s.options.choice("relu_on", {"increment", "total"},
                                  "what is kept from falling below 0") == "total"),
          w_(zeros_like(weights().theta)), start_(weights().theta.clone()) {}

    void begin_task(const mneme::Task& task) override {
        DescentLearner::begin_task(task);
        w_.zero_();
        start_.copy_(weights().theta);
    }

    void observe(const mneme::Batch& batch) override {
        const auto g = net().gradient(weights(), batch);
        auto step = penalty_.step();
        step.path = w_;
        descend(g, step);
    }

    void end_task(const mneme::Task& task) override {
        const auto increment = w_ / (square(weights().theta - start_) + xi_);
        auto& omega = penalty_.omega();
        omega = total_ ? (omega + increment).clamp_min(0) : omega + increment.clamp_min(0);
        penalty_.finish(task, weights().theta, optimizer());
    }

    void state(mneme::State& s) override {
        DescentLearner::state(s);
        penalty_.state(s);
        s("~w", w_);
        s("~start", start_);
    }

  private:
    mneme::ImportancePenalty penalty_;
    const mneme::Tensor xi_; // [S, 1]
    const bool total_;
    mneme::Tensor w_, start_; // [S, P]
};

} // namespace

MNEME_METHOD(Si, "si", "quadratic penalty by each weight's share in the fall of the loss",
             "arXiv:1703.04200", needs_task_boundaries)
