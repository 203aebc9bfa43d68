// SPDX-License-Identifier: Apache-2.0
// Learning without Forgetting. Li, Hoiem 2016, arXiv:1606.09282, eq. 1 to 3.
//
//   L(theta) = CE(theta) + lambda_o sum over old heads of  -sum_c y'_c log y^'_c,
//   y' = softmax(z_o / T),  y^' = softmax(z / T)  over the classes of that head
//
// z_o are the logits of theta*, the weights at the last task's end, on the current rows: no example
// is kept. In scenario task each old task has a head; in scenario class the old classes are one; in
// scenario domain the whole head is the old one. z_o is computed without dropout. The paper warms
// up the new head until it converges: here for warm_up_epochs, by default none. Its weight decay is
// [train]'s.
#include <mneme/class_history.hpp>
#include <mneme/descent_learner.hpp>
#include <mneme/gradients.hpp>
#include <mneme/losses.hpp>
#include <mneme/mneme.hpp>

namespace {

class Lwf final : public mneme::DescentLearner {
  public:
    explicit Lwf(mneme::Setup& s)
        : DescentLearner(s, {.lr = 0.01, .batch_size = 10, .momentum = 0.9}),
          lambda_(
              s.options.number("lambda_o", 1, {.min = 0}, "weight of the loss on the old heads")),
          temperature_(s.options.real("temperature", 2, {.above = 0}, "T of the softened outputs")),
          warm_up_(s.options.count("warm_up_epochs", 0, {.min = 0},
                                   "passes that train the head of the new task alone")),
          by_task_(s.run.scenario == mneme::Scenario::task) {}

    std::vector<mneme::Phase> phases(const mneme::Task& task) const override {
        if (warm_up_ == 0 || task.first()) return {{}};
        return {{.name = "warm-up", .epochs = warm_up_}, {}};
    }
    void begin_task(const mneme::Task& task) override {
        DescentLearner::begin_task(task);
        of_task_ = net().head_columns(task.classes);
    }
    void begin_phase(const mneme::Phase& phase) override {
        warming_ = phase.name == "warm-up";
        optimizer().reset();
    }

    void observe(const mneme::Batch& batch) override {
        if (warming_) return descend(batch, {.mask = of_task_});
        if (!old_.theta.defined()) return descend(batch);
        descend(
            gradient(net(), weights(), batch, [&](const auto& z) { return cotangent(z, batch); }));
    }

    void end_task(const mneme::Task& task) override {
        old_ = weights().clone();
        const auto mine = class_mask(net(), task.classes).unsqueeze(0);
        if (!heads_.defined()) heads_ = mine;
        else heads_ = by_task_ ? mneme::cat({heads_, mine}, 0) : heads_ || mine;
    }

    void state(mneme::State& s) override {
        DescentLearner::state(s);
        s("old", old_);
        s("heads", heads_);
        s("~of_task", of_task_), s("~warming", warming_);
    }

  private:
    mneme::Tensor cotangent(const mneme::Tensor& z, const mneme::Batch& batch) const {
        const auto z_o = net().logits(old_, batch.x, mneme::Mode::eval);
        const auto pull = ((softened(z) - softened(z_o)) / temperature_).sum(2); // over the heads
        return loss_cotangent(net(), z, batch) + lambda_.unsqueeze(2) * shares(batch) * pull;
    }
    mneme::Tensor softened(const mneme::Tensor& z) const { // [S, B, heads, C]
        return mneme::softened(z.unsqueeze(2), heads_, temperature_);
    }

    const mneme::Tensor lambda_; // [S, 1]
    const double temperature_;
    const int64_t warm_up_;
    const bool by_task_;
    mneme::Weights old_;
    mneme::Tensor heads_;   // [old heads, C] bool
    mneme::Tensor of_task_; // [1, P] bool: the columns of the new task's head
    bool warming_ = false;
};

} // namespace

MNEME_METHOD(Lwf, "lwf", "distillation of the old heads on the new task's rows", "arXiv:1606.09282",
             needs_task_boundaries)
