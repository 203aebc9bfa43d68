// SPDX-License-Identifier: Apache-2.0
// Streaming linear discriminant analysis (Deep SLDA). Hayes, Kanan 2019, arXiv:1909.01520, eq. 1
// to 4.
//
//   Sigma <- (t Sigma + Delta) / (t + 1),   Delta = t/(t + 1) (z - mu_y)(z - mu_y)^T
//   mu_y  <- mu_y + (z - mu_y) / (c_y + 1),   c_y <- c_y + 1,   t <- t + 1       row by row
//   Lambda = ((1 - eps) Sigma + eps I)^-1;   score of c = z.Lambda mu_c - 1/2 mu_c.Lambda mu_c
//
// z = phi(x; theta_1), what enters the head of a network that is trained on the first task and then
// fixed (trained), or of the initial one (initial); the paper has a network trained on ImageNet. A
// class's first row has Delta = 0; the authors' code takes mu = 0 for it. Sigma starts at 0: the
// paper's start from a batch's covariance is left out.
#include <mneme/feature_learner.hpp>
#include <mneme/mneme.hpp>
#include <mneme/replicas.hpp>

namespace {

using mneme::Tensor;

class Slda final : public mneme::FeatureLearner {
  public:
    explicit Slda(mneme::Setup& s)
        : FeatureLearner(s, {.lr = 0.01, .batch_size = 10, .momentum = 0.8}),
          eps_(s.options.real("shrinkage", 1e-4, {.max = 1, .above = 0}, "eps of the inverse")),
          mu_(mneme::zeros({s.replicas, s.net.classes(), s.run.features})),
          count_(mneme::zeros({s.replicas, s.net.classes()})),
          sigma_(mneme::zeros({s.replicas, s.run.features, s.run.features})),
          t_(mneme::zeros({s.replicas, 1})), slope_(zeros_like(mu_)), offset_(zeros_like(count_)) {}

    void state(mneme::State& s) override {
        FeatureLearner::state(s);
        s("mu", mu_), s("count", count_), s("sigma", sigma_), s("t", t_);
        s("slope", slope_), s("offset", offset_);
    }

  private:
    void take(const Tensor& phi, const mneme::Batch& batch) override {
        for (int64_t n = 0; n < batch.rows(); ++n)
            take(phi.select(1, n), batch.y.narrow(1, n, 1), batch.weight.narrow(1, n, 1));
    }
    void finish() override {
        const auto eye = mneme::identity(sigma_.size(1)).unsqueeze(0);
        slope_ = mneme::each_replica({(1 - eps_) * sigma_ + eps_ * eye, mu_}, [](const auto& in) {
            return std::vector<Tensor>{
                in[1].matmul(MNEME_OP("aten::linalg_inv")(in[0]))}; // Lambda is symmetric
        })[0];
        offset_ = (slope_ * mu_).sum(2) * 0.5;
    }
    Tensor scores(const Tensor& phi) const override {
        return mneme::each_matmul(phi, slope_.transpose(1, 2)) - offset_.unsqueeze(1);
    }
    // One row a replica: z [S, F], y and weight [S, 1]; a row of weight 0 changes nothing.
    void take(const Tensor& z, const Tensor& y, const Tensor& weight) {
        const auto counts = (weight > 0).to(mneme::DType::float32); // [S, 1]
        const auto one = net().one_hot(y).squeeze(1) * counts;      // [S, C]
        const auto c_y = (one * count_).sum(1, mneme::keepdim);
        const auto d = (z - (mu_ * one.unsqueeze(2)).sum(1)) * counts; // [S, F]
        const auto spread = d * (c_y > 0);
        const auto next = t_ + counts;
        const auto old = t_ / next.clamp_min(1);
        sigma_ *= old.unsqueeze(2);
        sigma_.addcmul_((spread * (old / next.clamp_min(1))).unsqueeze(2), spread.unsqueeze(1));
        mu_.addcmul_(one.unsqueeze(2), (d / (c_y + 1)).unsqueeze(1));
        count_ += one;
        t_.copy_(next);
    }

    const double eps_;
    Tensor mu_, count_, sigma_, t_; // [S, C, F], [S, C], [S, F, F], [S, 1]
    Tensor slope_, offset_;         // Lambda mu_c and 1/2 mu_c.Lambda mu_c
};

} // namespace

MNEME_METHOD(Slda, "slda", "linear discriminant analysis, row by row, over fixed features",
             "arXiv:1909.01520", scores, needs_task_boundaries)
