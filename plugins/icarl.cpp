// SPDX-License-Identifier: Apache-2.0
// iCaRL. Rebuffi et al. 2016, arXiv:1611.07725, algorithms 1 to 5.
//
//   L(theta) = sum over classes of BCE(g_c(x), target_c),  g = sigmoid(logits),
//       target_c = [c = y] for the task's classes,  q_c = g_c(x; theta*) for the older ones
//   exemplars of c:  p_k = argmin_x || mu_c - (phi(x) + sum_{j<k} phi(p_j)) / k ||,  k = 1..m,
//       m = memory / classes seen; of the older classes the first m stay
//   answer:  argmin_c || phi(x) - mean of phi over the exemplars of c ||
//
// phi: what enters the head, of length 1 (`unit_length`). theta*: the weights at the last task's
// end. The paper shuffles the exemplars into the task's rows. Here memory_batch random ones join
// each step: `replay` says whether an exemplar weighs as much as it does there, or as a row of the
// batch, which is far more replay. The loss is summed over classes (the paper's rate of 2 for a
// mean over 100 classes is .02 here). Means are those of the weights at the task's end. Rows of the
// head wait, without decay, for their class's task. In scenario domain all classes are the task's
// own, and the first task's exemplars stay.
#include <mneme/descent_learner.hpp>
#include <mneme/exemplars.hpp>
#include <mneme/gradients.hpp>
#include <mneme/herding.hpp>
#include <mneme/losses.hpp>
#include <mneme/mneme.hpp>

namespace {

using mneme::Tensor;

class Icarl final : public mneme::DescentLearner {
  public:
    explicit Icarl(mneme::Setup& s)
        : DescentLearner(s, {.lr = 0.02, .batch_size = 128, .momentum = 0.9, .weight_decay = 1e-5}),
          exemplars_(s, 2000, 32), classes_(s.net),
          in_proportion_(s.options.choice("replay", {"union", "batch"},
                                          "what an exemplar counts as: a row of the task, as in "
                                          "the paper, or a row of the batch") == "union"),
          unit_length_(s.options.flag("unit_length", true, "features are divided by their length")),
          means_(mneme::zeros({s.replicas, s.net.classes(), s.run.features})) {}

    void begin_task(const mneme::Task& task) override {
        DescentLearner::begin_task(task);
        classes_.begin(net(), task);
        task_rows_ = task.train().size();
    }

    void observe(const mneme::Batch& batch) override {
        const auto all = in_proportion_ ? exemplars_.joined_in_proportion(batch, task_rows_)
                                        : exemplars_.joined(batch);
        auto target = net().one_hot(all.y).to(mneme::DType::float32); // [S, B, C]
        if (old_.theta.defined()) {
            const auto q = sigmoid(net().logits(old_, all.x, mneme::Mode::eval));
            target = where(classes_.current(), target, q);
        }
        const auto ignored = !net().head(all.task);
        const auto g = gradient(net(), weights(), all, [&](const Tensor& z) {
            const auto losses = binary_cross_entropy(z, target).masked_fill(ignored, 0);
            report_loss(net(), losses.sum(2), all);
            return shares(all) * (sigmoid(z) - target).masked_fill(ignored, 0);
        });
        descend(g, {.mask = classes_.trained()});
    }

    void end_task(const mneme::Task& task) override {
        const int64_t m = exemplars_.per_class(classes_);
        std::vector<Tensor> features, labels;
        for (const auto& [batch, share] : task.train().batches())
            features.push_back(phi(batch.x)), labels.push_back(batch.y);
        const auto order = herded(mneme::cat(features, 1), mneme::cat(labels, 1), task.classes, m);
        exemplars_.add(task.train().at(order), m);
        old_ = weights().clone();
        const auto& kept = exemplars_.rows();
        const auto label = net().one_hot(kept.y) && (kept.weight > 0).unsqueeze(2); // [S, M, C]
        const auto of_class = label.to(mneme::DType::float32).transpose(1, 2);      // [S, C, M]
        const auto sums = mneme::each_matmul(of_class, phi(kept.x));
        means_ = unit_length_ ? normalised(sums) : sums / of_class.sum(2, true).clamp_min(1);
    }

    Tensor predict(const Tensor& x, mneme::TaskId) const override {
        const auto products = mneme::each_matmul(phi(x), means_.transpose(1, 2));
        if (unit_length_) return products; // which order the classes as their distances do
        return 2 * products - (means_ * means_).sum(2).unsqueeze(1);
    }

    void state(mneme::State& s) override {
        DescentLearner::state(s);
        s("store", exemplars_), s("old", old_), s("means", means_), s("classes", classes_);
        s("~task_rows", task_rows_);
    }

  private:
    Tensor phi(const Tensor& x) const {
        const auto features = net().features(weights(), x, mneme::Mode::eval);
        return unit_length_ ? normalised(features) : features;
    }
    mneme::Exemplars exemplars_;
    mneme::ClassHistory classes_;
    const bool in_proportion_, unit_length_;
    int64_t task_rows_ = 1;
    mneme::Weights old_;
    Tensor means_; // [S, C, F]
};

} // namespace

MNEME_METHOD(Icarl, "icarl", "herded exemplars, distillation, and answers by the nearest mean",
             "arXiv:1611.07725", scores, stores_examples, needs_task_boundaries)
