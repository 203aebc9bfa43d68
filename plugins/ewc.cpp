// SPDX-License-Identifier: Apache-2.0
// Elastic Weight Consolidation, separate form: one penalty per past task. Kirkpatrick et al. 2017,
// arXiv:1612.00796, eq. 3.
//
//   L(theta) = CE(theta) + lambda sum_{j<=k} sum_i F_{j,i} (theta_i - theta*_{j,i})^2
//
// No factor 1/2 (the paper has one). Entry by entry the sum of parabolas is one parabola and a
// constant: curvature A = sum_j F_j, centre c = (sum_j F_j theta*_j) / A. So 2P floats are kept,
// however many tasks; c is updated as a running weighted mean, which does not cancel.
#include <mneme/descent_learner.hpp>
#include <mneme/fisher.hpp>
#include <mneme/mneme.hpp>
#include <mneme/penalty.hpp>

namespace {

class Ewc final : public mneme::DescentLearner {
  public:
    explicit Ewc(mneme::Setup& s)
        : DescentLearner(s, {.lr = 0.03, .batch_size = 10, .momentum = 0}),
          lambda_(s.options.number("lambda", 10, {.min = 0}, "weight of the penalty (no 1/2)")),
          fisher_(s), clip_(s.options.real("penalty_clip", 0, {.min = 0},
                                           "largest entry of the penalty's gradient; 0: no limit")),
          a_(zeros_like(weights().theta)), c_(a_.clone()) {}

    void observe(const mneme::Batch& batch) override {
        const auto g = net().gradient(weights(), batch);
        descend(g, {.importance = a_, .anchor = c_, .strength = lambda_, .clip = clip_});
    }

    void end_task(const mneme::Task& task) override {
        const auto f = fisher_(net(), weights(), task);
        a_ += f;
        c_ += (f / a_).masked_fill(a_ <= 0, 0) * (weights().theta - c_);
        log_pull(task, lambda_, a_, optimizer());
    }

    void state(mneme::State& s) override {
        DescentLearner::state(s);
        s("a", a_);
        s("c", c_);
    }

  private:
    const mneme::Tensor lambda_; // [S, 1]
    const mneme::Fisher fisher_;
    const double clip_;
    mneme::Tensor a_, c_; // [S, P]
};

} // namespace

MNEME_METHOD(Ewc, "ewc", "quadratic penalty by the Fisher information, one per past task",
             "arXiv:1612.00796", needs_task_boundaries)
