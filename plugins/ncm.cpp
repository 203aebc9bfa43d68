// SPDX-License-Identifier: Apache-2.0
// Nearest class mean over a network that is trained on the first task and then fixed. Mensink et
// al. 2013, "Distance-Based Image Classification", eq. 1.
//
//   phi(x) = what enters the head at theta_1;   mu_c = mean of phi over all rows of class c
//   answer:  argmin_c || phi(x) - mu_c ||,      as the score  2 phi.mu_c - mu_c.mu_c
//
// theta_1: the weights after the first task (trained), or those at the start (initial). Each task
// is passed once more to sum up its rows; no example is kept.
#include <mneme/mneme.hpp>
#include <mneme/replicas.hpp>

namespace {

using mneme::Tensor;

class Ncm final : public mneme::Learner {
  public:
    explicit Ncm(mneme::Setup& s)
        : Learner(s),
          trained_(s.options.choice("features", {"trained", "initial"},
                                    "theta_1: after the first task, or at the start") == "trained"),
          descend_(s.optimizer({.lr = 0.01, .batch_size = 10, .momentum = 0.8})),
          class_(mneme::range(s.net.classes())),
          sums_(mneme::zeros({s.replicas, s.net.classes(), s.run.features})),
          counts_(mneme::zeros({s.replicas, s.net.classes()})) {}

    std::vector<mneme::Phase> phases(const mneme::Task& task) const override {
        if (trained_ && task.first()) return {{}, {.name = "means", .epochs = 1}};
        return {{.name = "means", .epochs = 1}};
    }
    void begin_task(const mneme::Task& task) override { descend_.begin(task); }
    void begin_phase(const mneme::Phase& phase) override { summing_ = phase.name == "means"; }

    void observe(const mneme::Batch& batch) override {
        if (!summing_) return descend_(weights(), net().gradient(weights(), batch));
        const auto phi = net().features(weights(), batch.x, mneme::Mode::eval);        // [S, B, F]
        const auto one = (batch.y.unsqueeze(2) == class_) * batch.weight.unsqueeze(2); // [S, B, C]
        counts_ += one.sum(1);
        sums_ += mneme::each_matmul(one.transpose(1, 2), phi);
    }

    Tensor predict(const Tensor& x, mneme::TaskId) const override {
        const auto phi = net().features(weights(), x, mneme::Mode::eval);
        const auto mu = sums_ / counts_.clamp_min(1).unsqueeze(2); // [S, C, F]
        return 2 * mneme::each_matmul(phi, mu.transpose(1, 2)) - (mu * mu).sum(2).unsqueeze(1);
    }

    void state(mneme::State& s) override {
        Learner::state(s);
        s("sums", sums_), s("counts", counts_), s("~summing", summing_);
        s("descend", descend_);
    }

  private:
    const bool trained_;
    mneme::Optimizer descend_;
    const Tensor class_;   // 0, 1, ..., C - 1
    Tensor sums_, counts_; // [S, C, F], [S, C]
    bool summing_ = false; // in the phase "means"
};

} // namespace

MNEME_METHOD(Ncm, "ncm", "nearest class mean over features of the first task's network", "", scores,
             needs_task_boundaries)
