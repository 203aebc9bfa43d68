// SPDX-License-Identifier: Apache-2.0
// Nearest class mean over a network that is trained on the first task and then fixed. Mensink et
// al. 2013, "Distance-Based Image Classification", eq. 1.
//
//   phi(x) = what enters the head at theta_1;   mu_c = mean of phi over all rows of class c
//   answer:  argmin_c || phi(x) - mu_c ||,      as the score  2 phi.mu_c - mu_c.mu_c
//
// theta_1: the weights after the first task (trained), or those at the start (initial). Each task
// is passed once more to sum up its rows; no example is kept.
#include <mneme/feature_learner.hpp>
#include <mneme/mneme.hpp>
#include <mneme/replicas.hpp>

namespace {

using mneme::Tensor;

class Ncm final : public mneme::FeatureLearner {
  public:
    explicit Ncm(mneme::Setup& s)
        : FeatureLearner(s, {.lr = 0.01, .batch_size = 10, .momentum = 0.8}),
          sums_(mneme::zeros({s.replicas, s.net.classes(), s.run.features})),
          counts_(mneme::zeros({s.replicas, s.net.classes()})) {}

    void state(mneme::State& s) override {
        FeatureLearner::state(s);
        s("sums", sums_), s("counts", counts_);
    }

  private:
    void take(const Tensor& phi, const mneme::Batch& batch) override {
        const auto one = net().one_hot(batch.y) * batch.weight.unsqueeze(2); // [S, B, C]
        counts_ += one.sum(1);
        sums_ += mneme::each_matmul(one.transpose(1, 2), phi);
    }
    Tensor scores(const Tensor& phi) const override {
        const auto mu = sums_ / counts_.clamp_min(1).unsqueeze(2); // [S, C, F]
        return 2 * mneme::each_matmul(phi, mu.transpose(1, 2)) - (mu * mu).sum(2).unsqueeze(1);
    }

    Tensor sums_, counts_; // [S, C, F], [S, C]
};

} // namespace

MNEME_METHOD(Ncm, "ncm", "nearest class mean over features of the first task's network", "", scores,
             needs_task_boundaries)
