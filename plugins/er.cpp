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
#include <mneme/replay_learner.hpp>

namespace {

class Er final : public mneme::ReplayLearner {
  public:
    explicit Er(mneme::Setup& s)
        : ReplayLearner(s, {.lr = 0.1, .batch_size = 10, .momentum = 0},
                        {"class_balanced", "ring", "reservoir"}, 10) {}

    void observe(const mneme::Batch& batch) override {
        descend(joined(batch));
        memory().add(batch);
    }
};

} // namespace

MNEME_METHOD(Er, "er", "experience replay: the current batch joined with stored examples",
             "arXiv:1902.10486", stores_examples)
