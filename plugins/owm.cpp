// SPDX-License-Identifier: Apache-2.0
// Orthogonal Weights Modification. Zeng et al. 2018, arXiv:1810.01256, eq. 1 to 4.
//
//   step:  dL/dW <- (dL/dW) P                     in each layer, from the second task on
//   task's end, for each batch:  k = P x / (alpha + x^T P x),   P <- P - k x^T P,   P = I at first
//
// x: the mean over the batch of what enters the layer (of a convolution over its places too). The
// paper chooses alpha for each layer and lets it fall; here it is one number, by default ours.
// Biases, scales and shifts, which the paper's networks do not have, move in the first task alone.
// The head is free in scenario task and projected else. An adaptive rate would leave the
// projection: the optimiser is refused unless it is sgd.
#include <mneme/mneme.hpp>
#include <mneme/projected_learner.hpp>

namespace {

using mneme::Tensor;

class Owm final : public mneme::ProjectedLearner {
  public:
    explicit Owm(mneme::Setup& s)
        : ProjectedLearner(s, {.lr = 0.05, .batch_size = 40, .momentum = 0}),
          alpha_(s.options.number("alpha", 1e-3, {.above = 0},
                                  "how far an input is from being left out whole")),
          rows_(optimizer().recipe().batch_size) {}

    void end_task(const mneme::Task& task) override {
        for (const auto& [batch, share] : task.train().batches(0, rows_))
            projections().update(net(), weights(), batch.x, [&](Tensor& P, const Tensor& inputs) {
                const auto x = inputs.mean(1, mneme::keepdim); // [S, 1, fan_in]
                const auto Px = mneme::each_matmul(x, P);      // P is symmetric
                const auto scale = alpha_.unsqueeze(2) + (x * Px).sum(2, mneme::keepdim);
                P = P - Px.transpose(1, 2) * (Px / scale);
            });
    }

  private:
    const Tensor alpha_; // [S, 1]
    const int64_t rows_; // of a batch
};

} // namespace

MNEME_METHOD(Owm, "owm", "weights modified at right angles to all earlier inputs of their layer",
             "arXiv:1810.01256", needs_task_boundaries)
