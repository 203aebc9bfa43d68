// SPDX-License-Identifier: Apache-2.0
// Bias correction (BiC). Wu et al. 2019, arXiv:1905.13260, eq. 1 to 5.
//
//   L(theta) = (1 - lambda) CE(theta) + lambda sum over old classes of  -q*_c log q_c,
//       q = softmax(z / T),  q* that of the corrected logits of theta*,  lambda = old classes / all
//   then  alpha, beta = argmin  CE of the corrected logits on the validation rows:
//       z_c for old classes,  alpha z_c + beta  for the classes of this task
//
// theta*: the network at the last task's end. The memory holds m rows of each class, a share of
// them for validation. Not as in the paper: rows are drawn, not herded; a validation row is never
// trained on; Adam fits alpha and beta on all of them at once; memory_batch rows join a batch.
#include <mneme/descent_learner.hpp>
#include <mneme/exemplars.hpp>
#include <mneme/gradients.hpp>
#include <mneme/losses.hpp>
#include <mneme/mneme.hpp>

namespace {

using mneme::Tensor;

class Bic final : public mneme::DescentLearner {
  public:
    explicit Bic(mneme::Setup& s)
        : DescentLearner(s, {.lr = 0.1, .batch_size = 128, .momentum = 0.9, .weight_decay = 2e-4}),
          share_(s.options.real("validation", 0.1, {.above = 0, .below = 1},
                                "share of the stored rows that alpha and beta are fitted on")),
          temperature_(s.options.real("temperature", 2, {.above = 0}, "T of the softened outputs")),
          steps_(s.options.count("bias_steps", 500, {.min = 1}, "steps that fit alpha and beta")),
          fitted_(s.diagnostic("correction", "1", "alpha - 1 and beta", 2)),
          exemplars_(s, 2000, 32), classes_(s.net), correction_(mneme::zeros({s.replicas, 2})),
          fit_({.rule = mneme::Rule::adam,
                .lr = s.options.number("bias_lr", 0.01, {.above = 0}, "rate of that fit")},
               correction_),
          old_correction_(of_classes()) {}
    void begin_task(const mneme::Task& task) override {
        DescentLearner::begin_task(task);
        classes_.begin(net(), task);
        lambda_ = classes_.old_share();
        correction_.zero_();
        const auto of_class = task.train().size() / int64_t(task.classes.size());
        const auto m = std::min(exemplars_.per_class(classes_), of_class);
        v_ = std::max<int64_t>(1, int64_t(share_ * double(m)));
        const auto rows = task.train().per_class(v_);
        held_ = rows.id, validation_.append({rows, {}});
        validation_ = trimmed(validation_, net().classes(), v_);
    }
    std::vector<mneme::Phase> phases(const mneme::Task& task) const override {
        if (task.first()) return {{}};
        return {{}, {.name = "bias", .epochs = 1, .steps = steps_, .data = mneme::Data::none}};
    }
    void begin_phase(const mneme::Phase& phase) override {
        if (phase.data != mneme::Data::none) return;
        z_ = net().logits(weights(), validation_.rows.x, mneme::Mode::eval);
        fit_.reset();
    }
    void observe(const mneme::Batch& batch) override {
        if (batch.empty()) return fit();
        const auto all = exemplars_.joined(without_validation(batch));
        if (!old_.theta.defined()) return descend(all, {.mask = classes_.trained()});
        const auto z_old = net().logits(old_, all.x, mneme::Mode::eval);
        const auto& old = classes_.earlier();
        const auto target = mneme::softened(corrected(z_old, old_correction_), old, temperature_);
        const auto g = gradient(net(), weights(), all, [&](const Tensor& z) {
            const auto pull = (mneme::softened(z, old, temperature_) - target) / temperature_;
            return (1 - lambda_) * loss_cotangent(net(), z, all) + lambda_ * shares(all) * pull;
        });
        descend(g, {.mask = classes_.trained()});
    }
    void end_task(const mneme::Task& task) override {
        const auto m = exemplars_.per_class(classes_);
        exemplars_.add(without_validation(task.train().per_class(m)), m - v_);
        old_ = weights().clone(), old_correction_ = of_classes();
        fitted_(correction_);
    }
    Tensor predict(const Tensor& x, mneme::TaskId task) const override {
        return corrected(Learner::predict(x, task), of_classes());
    }
    void state(mneme::State& s) override {
        DescentLearner::state(s);
        s("classes", classes_), s("exemplars", exemplars_), s("validation", validation_);
        s("old", old_), s("old_correction", old_correction_), s("correction", correction_);
        s("~held", held_), s("~z", z_), s("~fit", fit_), s("~lambda", lambda_), s("~v", v_);
    }

  private:
    // Those rows weigh 0. A host of before names no examples: there, all are trained on.
    mneme::Batch without_validation(mneme::Batch batch) const {
        if (!batch.id.handle()) return batch;
        const auto held = (batch.id.unsqueeze(2) == held_.unsqueeze(1)).any(2);
        batch.weight = batch.weight.masked_fill(held, 0);
        return batch;
    }
    Tensor of_classes() const { return correction_.unsqueeze(2) * classes_.fresh(); } // [S, 2, C]
    static Tensor corrected(const Tensor& z, const Tensor& by) {
        return z + by.narrow(1, 0, 1) * z + by.narrow(1, 1, 1);
    }
    void fit() {
        const auto q = corrected(z_, of_classes());
        const auto d = loss_cotangent(net(), q, validation_.rows) * classes_.fresh();
        fit_(correction_, mneme::stack({(d * z_).sum(2).sum(1), d.sum(2).sum(1)}, 1));
    }

    const double share_, temperature_;
    const int64_t steps_;
    const mneme::Diagnostic fitted_;
    mneme::Exemplars exemplars_;
    mneme::ClassHistory classes_;
    Tensor correction_; // alpha - 1, beta [S, 2]
    mneme::Optimizer fit_;
    mneme::StoredRows validation_;
    mneme::Weights old_;    // theta*
    Tensor old_correction_; // its own, of each class [S, 2, C]
    Tensor held_, z_;       // ids of the task's validation rows; logits of all [S, V, C]
    int64_t v_ = 0;         // validation rows of a class
    double lambda_ = 0;
};

} // namespace

MNEME_METHOD(Bic, "bic", "replay and distillation, then a linear correction of new classes' logits",
             "arXiv:1905.13260", stores_examples, needs_task_boundaries)
