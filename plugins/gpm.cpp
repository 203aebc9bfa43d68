// SPDX-License-Identifier: Apache-2.0
// Gradient Projection Memory. Saha, Garg, Roy 2021, arXiv:2103.09762, eq. 4 to 9.
//
//   step:  dL/dW <- dL/dW (I - M M^T)             in each layer; M orthonormal, [fan_in, k]
//   task's end:  R = the layer's inputs for some rows, as columns;  R^ = R - M M^T R = U S V^T;
//       M <- M and the first columns of U, so many that
//       ||M M^T R||^2 + sum of their s^2 >= threshold ||R||^2
//   threshold of task t (from 0):  threshold + t threshold_step, at most 1
//
// U and s^2 are eigenvectors and values of R^ R^^T. What is kept is I - M M^T, fan_in^2 numbers a
// layer, and not M. The head is free in scenario task and projected else; biases, scales and shifts
// move in the first task alone, as in the paper. An adaptive rate would leave the projection: the
// optimiser is refused unless it is sgd.
#include <mneme/mneme.hpp>
#include <mneme/projected_learner.hpp>

namespace {

using mneme::Tensor;

class Gpm final : public mneme::ProjectedLearner {
  public:
    explicit Gpm(mneme::Setup& s)
        : ProjectedLearner(s, {.lr = 0.01, .batch_size = 10, .momentum = 0}),
          threshold_(s.options.real("threshold", 0.97, {.max = 1, .above = 0},
                                    "share of the inputs' energy that is kept")),
          step_(s.options.real("threshold_step", 0.003, {.min = 0, .max = 1},
                               "what each task adds to it")),
          samples_(s.options.count("samples", 125, {.min = 1}, "rows of a task that make R")) {}

    void end_task(const mneme::Task& task) override {
        const double share = std::min(1.0, threshold_ + step_ * double(task.index));
        projections().update(net(), weights(), task.train().sample(samples_).x,
                             [&](Tensor& Q, const Tensor& inputs) {
                                 Q = mneme::each_replica({Q, inputs}, [&](const auto& in) {
                                     return std::vector<Tensor>{narrowed(in[0], in[1], share)};
                                 })[0];
                             });
    }

  private:
    // Q without the directions that hold `share` of the energy of the inputs [., rows, fan_in].
    static Tensor narrowed(const Tensor& Q, const Tensor& inputs, double share) {
        const auto total = (inputs * inputs).sum(2).sum(1, mneme::keepdim); // ||R||^2
        const auto rest = inputs.matmul(Q);                                 // R^, as rows
        const auto eigen =
            MNEME_OP("aten::linalg_eigh").several<2>(rest.transpose(1, 2).matmul(rest), "L");
        const auto down = [](const Tensor& t) { // from the largest
            return MNEME_OP("aten::flip")(t, std::vector<int64_t>{t.dim() - 1});
        };
        const auto energy = down(eigen[0]).clamp_min(0), U = down(eigen[1]);
        const auto held = total - energy.sum(1, mneme::keepdim) + energy.cumsum(1) - energy;
        const auto chosen = (held < share * total) && (energy > 1e-6 * total);
        return Q - (U * chosen.unsqueeze(1)).matmul(U.transpose(1, 2));
    }

    const double threshold_, step_;
    const int64_t samples_;
};

} // namespace

MNEME_METHOD(Gpm, "gpm", "gradients at right angles to the inputs that earlier tasks' layers had",
             "arXiv:2103.09762", needs_task_boundaries)
