// SPDX-License-Identifier: Apache-2.0
// Single: each task alone. The control that neither forgets nor transfers.
//
//   task t:  theta <- theta_0;  theta <- theta - lr v,  v <- momentum v + dL_t/dtheta;
//            theta_t = theta at the task's end answers for task t
//
// It keeps the weights of every task: T networks.
#include <mneme/descent_learner.hpp>
#include <mneme/mneme.hpp>

namespace {

class Single final : public mneme::DescentLearner {
  public:
    explicit Single(mneme::Setup& s)
        : DescentLearner(s, {.lr = 0.01, .batch_size = 10, .momentum = 0.8}) {}

    void begin_task(const mneme::Task& task) override {
        const auto start = net().initial();
        weights().theta.copy_(start.theta);
        weights().stats.copy_(start.stats);
        DescentLearner::begin_task(task);
        optimizer().reset();
    }
    void observe(const mneme::Batch& batch) override { descend(batch); }
    void end_task(const mneme::Task&) override {
        theta_.push_back(weights().theta.clone());
        stats_.push_back(weights().stats.clone());
    }

    mneme::Tensor predict(const mneme::Tensor& x, mneme::TaskId task) const override {
        if (!task || *task >= int64_t(theta_.size())) return Learner::predict(x, task);
        const auto t = static_cast<std::size_t>(*task);
        return net().logits({theta_[t], stats_[t]}, x, mneme::Mode::eval);
    }

    void state(mneme::State& s) override {
        DescentLearner::state(s);
        s("theta", theta_);
        s("stats", stats_);
    }

  private:
    std::vector<mneme::Tensor> theta_, stats_; // of each task that is over
};

} // namespace

MNEME_METHOD(Single, "single",
             "each task alone from the initial weights: no transfer, no forgetting", "",
             needs_task_id)
