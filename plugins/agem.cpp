// SPDX-License-Identifier: Apache-2.0
// Averaged Gradient Episodic Memory. Chaudhry et al. 2019, arXiv:1812.00420, eq. 11.
//
//   g~ = g                        if g.r >= 0
//   g~ = g - (g.r / r.r) r        otherwise,        r the mean gradient on a batch from the memory
//
// The memory holds earlier tasks only: the ring is written with every incoming row and opened at
// the task's end. The first task is plain descent. r is taken in train mode, with dropout masks of
// its own.
#include <mneme/mneme.hpp>
#include <mneme/products.hpp>
#include <mneme/replay_learner.hpp>

namespace {

class AGem final : public mneme::ReplayLearner {
  public:
    explicit AGem(mneme::Setup& s)
        : ReplayLearner(s, {.lr = 0.1, .batch_size = 10, .momentum = 0}, {"ring", "class_balanced"},
                        64),
          violations_(mneme::zeros({s.replicas, 1})), steps_(mneme::zeros({s.replicas, 1})) {}

    void begin_task(const mneme::Task& task) override {
        ReplayLearner::begin_task(task);
        violations_.zero_();
        steps_.zero_();
    }

    void observe(const mneme::Batch& batch) override {
        auto g = net().gradient(weights(), batch);
        if (!memory().empty()) {
            const auto r = net().gradient(weights(), memory().sample());
            const auto [gr, rr] = mneme::products(g, r); // [S, 1]
            const auto violates = (gr < 0) && (rr > 0);
            const auto share = where(violates, gr / rr,
                                     zeros_like(gr)); // a row that does not violate keeps its bits
            g.addcmul_(share, r, -1);
            violations_ += violates;
            steps_ += 1;
        }
        descend(g);
        memory().add(batch);
    }

    void end_task(const mneme::Task& task) override {
        ReplayLearner::end_task(task);
        if (!task.first())
            mneme::log("share of steps that violate the constraint", violations_ / steps_);
    }

    void state(mneme::State& s) override {
        ReplayLearner::state(s);
        s("violations", violations_);
        s("steps", steps_);
    }

  private:
    mneme::Tensor violations_, steps_; // [S, 1], of this task
};

} // namespace

MNEME_METHOD(AGem, "agem", "gradient projected so that the loss on stored examples does not rise",
             "arXiv:1812.00420", stores_examples)
