// SPDX-License-Identifier: Apache-2.0
// Weight aligning (WA). Zhao et al. 2019, arXiv:1911.07053, eq. 1 to 9.
//
//   L(theta) = (1 - lambda) CE(theta) + lambda sum over old classes of  -q_c(x; theta*) log q_c(x),
//       q = softmax of the old classes' logits / T,   lambda = old classes / classes so far
//   task's end:  w_c <- gamma w_c for the task's classes,
//       gamma = mean of ||w_c|| over the old classes / mean of ||w_c|| over the task's classes
//
// w_c: the row of the head's weights that belongs to class c; biases stay. theta*: the weights at
// the last task's end, after aligning. Stored rows join each step and both losses; the paper herds
// its exemplars, here the policy says which rows are kept. Rows of the head wait, without decay,
// for their class's task. Clipping w at 0, which the paper adds for its ablation, is left out.
#include <mneme/class_history.hpp>
#include <mneme/gradients.hpp>
#include <mneme/losses.hpp>
#include <mneme/mneme.hpp>
#include <mneme/replay_learner.hpp>

namespace {

using mneme::Tensor;

class WeightAligning final : public mneme::ReplayLearner {
  public:
    explicit WeightAligning(mneme::Setup& s)
        : ReplayLearner(s, {.lr = 0.1, .batch_size = 32, .momentum = 0.9, .weight_decay = 2e-4},
                        {"balanced", "reservoir", "class_balanced", "ring"}, 32),
          temperature_(s.options.real("temperature", 2, {.above = 0}, "T of the softened outputs")),
          align_(s.options.flag("align", true, "scale the new classes' weights at a task's end")),
          gamma_(s.diagnostic("gamma", "1", "factor on the new classes' weights")),
          classes_(s.net) {}

    void begin_task(const mneme::Task& task) override {
        ReplayLearner::begin_task(task);
        classes_.begin(net(), task);
        lambda_ = classes_.old_share();
    }

    void observe(const mneme::Batch& batch) override {
        const auto all = joined(batch);
        const mneme::Step step{.mask = classes_.trained()};
        if (!star_.theta.defined()) descend(all, step);
        else
            descend(
                gradient(net(), weights(), all, [&](const Tensor& z) { return cotangent(z, all); }),
                step);
        memory().add(batch);
    }

    void end_task(const mneme::Task& task) override {
        ReplayLearner::end_task(task);
        const auto earlier = classes_.earlier() && !classes_.current();
        if (align_ && earlier.sum().item() > 0)
            for (const auto& l : net().head_layers())
                if (l.kind == mneme::LayerKind::weight) align(l, earlier);
        star_ = weights().clone();
    }

    void state(mneme::State& s) override {
        ReplayLearner::state(s);
        s("star", star_), s("classes", classes_), s("~lambda", lambda_);
    }

  private:
    Tensor cotangent(const Tensor& z, const mneme::Batch& batch) const {
        const auto z_star = net().logits(star_, batch.x, mneme::Mode::eval);
        const auto pull = (softened(z) - softened(z_star)) / temperature_;
        return (1 - lambda_) * loss_cotangent(net(), z, batch) + lambda_ * shares(batch) * pull;
    }
    Tensor softened(const Tensor& z) const { // q [S, B, C]
        return mneme::softened(z, classes_.earlier(), temperature_);
    }
    void align(const mneme::Layer& l, const Tensor& earlier) {
        auto w = weights().theta.narrow(1, l.offset, l.numel);
        const int64_t classes = l.shape[0];
        const auto rows = w.reshape({w.size(0), classes, l.numel / classes}); // [S, C, F]
        const auto length = sqrt((rows * rows).sum(2));                       // [S, C]
        const auto mean = [&](const Tensor& of) {
            return (length * of).sum(1, mneme::keepdim) / of.sum();
        };
        const auto gamma = mean(earlier) / mean(classes_.current()); // [S, 1]
        gamma_(gamma.squeeze(1));
        const auto scale = where(classes_.current(), gamma, ones_like(gamma)).unsqueeze(2);
        w.copy_((rows * scale).reshape({w.size(0), l.numel}));
    }

    const double temperature_;
    const bool align_;
    const mneme::Diagnostic gamma_;
    mneme::ClassHistory classes_;
    mneme::Weights star_; // theta*
    double lambda_ = 0;
};

} // namespace

MNEME_METHOD(WeightAligning, "weight_aligning",
             "replay and distillation, then new classes' weights as long as the old ones'",
             "arXiv:1911.07053", stores_examples, needs_task_boundaries)
