// SPDX-License-Identifier: Apache-2.0
// Task arithmetic. Ilharco et al. 2023, arXiv:2212.04089.
//
//   tau_t = theta_t - base,    theta_t by plain descent on task t from the base
//   merged = base + scale sum_t tau_t
//
// The paper's base is a pretrained network, which a stream has not: base = "first" takes the
// network after the first task (whose own vector is then 0), "initial" the initial weights.
#include <mneme/descent_learner.hpp>
#include <mneme/mneme.hpp>

namespace {

class TaskArithmetic final : public mneme::DescentLearner {
  public:
    explicit TaskArithmetic(mneme::Setup& s)
        : DescentLearner(s, {.lr = 0.01, .batch_size = 10, .momentum = 0.8}),
          scale_(s.options.number("scale", 0.4, {.min = 0}, "weight of the sum of task vectors")),
          base_is_first_(s.options.choice("base", {"first", "initial"},
                                          "where the vectors begin: after the first task, or the "
                                          "initial weights") == "first"),
          base_(weights().theta.clone()), sum_(zeros_like(base_)) {}

    void begin_task(const mneme::Task& task) override {
        weights().theta.copy_(base_);
        DescentLearner::begin_task(task);
        optimizer().reset();
    }
    void observe(const mneme::Batch& batch) override { descend(batch); }
    void end_task(const mneme::Task& task) override {
        if (task.first() && base_is_first_) base_.copy_(weights().theta);
        sum_ += weights().theta - base_;
        weights().theta.copy_(base_ + scale_ * sum_);
    }

    void state(mneme::State& s) override {
        DescentLearner::state(s);
        s("base", base_);
        s("sum", sum_);
    }

  private:
    const mneme::Tensor scale_; // [S, 1]
    const bool base_is_first_;
    mneme::Tensor base_, sum_; // [S, P]
};

} // namespace

MNEME_METHOD(TaskArithmetic, "task_arithmetic",
             "one network plus the scaled sum of what each task would change in it",
             "arXiv:2212.04089", needs_task_boundaries)
