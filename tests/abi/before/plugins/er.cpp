// SPDX-License-Identifier: Apache-2.0
// Experience Replay: each step descends on the current batch and a batch of stored examples,
// joined. Chaudhry et al. 2019, arXiv:1902.10486.
//
//   g = d/dtheta  1/(|B| + |M|)  sum_{(x,y) in B and M} CE(f(x), y),     M drawn from the memory
//
// Each row's loss stands under its own task's head. The reservoir is the exact rule (a row is kept
// with probability M / (N + 1), N rows before it); the code published with the paper draws from one
// number less. Our memory policies: replay memory, mneme/memory.hpp.
#include <mneme/mneme.hpp>

namespace {

class Er final : public mneme::Learner {
  public:
    explicit Er(mneme::Setup& s)
        : Learner(s), memory_(s, {"class_balanced", "ring", "reservoir"}, 10),
          descend_(s.optimizer({.lr = 0.1, .batch_size = 10, .momentum = 0})) {}

    void begin_task(const mneme::Task& task) override {
        descend_.begin(task);
        memory_.start(task);
    }

    void observe(const mneme::Batch& batch) override {
        const auto joined = memory_.empty() ? batch : concat(batch, memory_.sample());
        descend_(weights(), net().gradient(weights(), joined));
        memory_.add(batch);
    }

    void end_task(const mneme::Task& task) override { memory_.finish(task); }

    void state(mneme::State& s) override {
        Learner::state(s);
        s("memory", memory_);
        s("descend", descend_);
    }

  private:
    mneme::ReplayMemory memory_;
    mneme::Optimizer descend_;
};

} // namespace

MNEME_METHOD(Er, "er", "experience replay: the current batch joined with stored examples",
             "arXiv:1902.10486", stores_examples)
