// SPDX-License-Identifier: Apache-2.0
// iCaRL. Rebuffi et al. 2016, arXiv:1611.07725, algorithms 1 to 5.
//
//   L(theta) = sum over classes of BCE(g_c(x), target_c),  g = sigmoid(logits),
//       target_c = [c = y] for the task's classes,  q_c = g_c(x; theta*) for the older ones
//   exemplars of c:  p_k = argmin_x || mu_c - (phi(x) + sum_{j<k} phi(p_j)) / k ||,  k = 1..m,
//       m = memory / classes seen; of the older classes the first m stay
//   answer:  argmin_c || phi(x) - mean of phi over the exemplars of c ||
//
// phi: what enters the head, of length 1. theta*: the weights at the last task's end. A step joins
// the batch with memory_batch random exemplars, where the paper shuffles both together. The loss is
// summed over classes (the paper's rate of 2 for a mean over 100 classes is .02 here). Means are
// those of the weights at the task's end. Rows of the head wait, without decay, for their class's
// task. In scenario domain all classes are the task's own, and the first task's exemplars stay.
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
          means_(mneme::zeros({s.replicas, s.net.classes(), s.run.features})) {}

    void begin_task(const mneme::Task& task) override {
        DescentLearner::begin_task(task);
        classes_.begin(net(), task);
    }

    void observe(const mneme::Batch& batch) override {
        const auto all = exemplars_.joined(batch);
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
        means_ = normalised(
            mneme::each_matmul(label.to(mneme::DType::float32).transpose(1, 2), phi(kept.x)));
    }

    Tensor predict(const Tensor& x, mneme::TaskId) const override { // unit lengths: the product
        return mneme::each_matmul(phi(x), means_.transpose(1, 2));
    }

    void state(mneme::State& s) override {
        DescentLearner::state(s);
        s("store", exemplars_), s("old", old_), s("means", means_), s("classes", classes_);
    }

  private:
    Tensor phi(const Tensor& x) const {
        return normalised(net().features(weights(), x, mneme::Mode::eval));
    }
    mneme::Exemplars exemplars_;
    mneme::ClassHistory classes_;
    mneme::Weights old_;
    Tensor means_; // [S, C, F]
};

} // namespace

MNEME_METHOD(Icarl, "icarl", "herded exemplars, distillation, and answers by the nearest mean",
             "arXiv:1611.07725", scores, stores_examples, needs_task_boundaries)
