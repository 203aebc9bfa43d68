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
#include <mneme/gradients.hpp>
#include <mneme/herding.hpp>
#include <mneme/losses.hpp>
#include <mneme/mneme.hpp>

namespace {

using mneme::Tensor;

class Icarl final : public mneme::Learner {
  public:
    explicit Icarl(mneme::Setup& s)
        : Learner(s), memory_(s.options.count("memory", 2000, {.min = 1}, "exemplars in all (K)")),
          rows_(s.options.count("memory_batch", 32, {.min = 1}, "exemplars that join a step")),
          draw_(s.random("memory_draw")),
          descend_(
              s.optimizer({.lr = 0.02, .batch_size = 128, .momentum = 0.9, .weight_decay = 1e-5})),
          class_(mneme::range(s.net.classes())), seen_(class_ < 0), own_(class_ < 0),
          moves_(s.net.real() && !s.net.head_columns()),
          means_(mneme::zeros({s.replicas, s.net.classes(), s.run.features})) {}

    void begin_task(const mneme::Task& task) override {
        descend_.begin(task);
        moves_ = moves_ || net().head_columns(task.classes);
        const auto n = static_cast<int64_t>(task.classes.size());
        own_ = (class_.unsqueeze(1) == mneme::Tensor::of(task.classes, {1, n})).any(1);
        seen_ = seen_ || own_;
    }

    void observe(const mneme::Batch& batch) override {
        const auto all = store_.slots() > 0 ? concat(batch, exemplars()) : batch;
        auto target = (all.y.unsqueeze(2) == class_).to(mneme::DType::float32); // [S, B, C]
        if (old_.theta.defined()) {
            const auto q = sigmoid(net().logits(old_, all.x, mneme::Mode::eval));
            target = where(own_, target, q);
        }
        const auto ignored = !net().head(all.task);
        const auto g = gradient(net(), weights(), all, [&](const Tensor& z) {
            const auto losses = binary_cross_entropy(z, target).masked_fill(ignored, 0);
            report_loss(net(), losses.sum(2), all);
            return shares(all) * (sigmoid(z) - target).masked_fill(ignored, 0);
        });
        descend_(weights(), g, {.mask = moves_});
    }

    void end_task(const mneme::Task& task) override {
        const int64_t m = std::max<int64_t>(1, memory_ / int64_t(seen_.sum().item()));
        std::vector<Tensor> features, labels;
        for (const auto& [batch, share] : task.train().batches())
            features.push_back(phi(batch.x)), labels.push_back(batch.y);
        const auto order = herded(mneme::cat(features, 1), mneme::cat(labels, 1), task.classes, m);
        store_.append({task.train().at(order), {}});
        store_ = trimmed(store_, net().classes(), m);
        old_ = weights().clone();
        const auto label = (store_.rows.y.unsqueeze(2) == class_) &&
                           (store_.rows.weight > 0).unsqueeze(2); // [S, M, C]
        means_ = normalised(mneme::each_matmul(label.to(mneme::DType::float32).transpose(1, 2),
                                               phi(store_.rows.x)));
    }

    Tensor predict(const Tensor& x, mneme::TaskId) const override { // unit lengths: the product
        return mneme::each_matmul(phi(x), means_.transpose(1, 2));
    }

    void state(mneme::State& s) override {
        Learner::state(s);
        s("store", store_), s("old", old_), s("means", means_), s("seen", seen_);
        s("~own", own_);
        s("~moves", moves_), s("descend", descend_);
    }

  private:
    Tensor phi(const Tensor& x) const {
        return normalised(net().features(weights(), x, mneme::Mode::eval));
    }
    mneme::Batch exemplars() const {
        const auto& weight = store_.rows.weight;
        const auto keys = draw_.uniform({store_.slots()}).masked_fill(weight <= 0, -1);
        return pick(store_.rows, keys.topk(std::min(rows_, store_.slots()), 1)[1]);
    }
    const int64_t memory_, rows_;
    const mneme::Random draw_;
    mneme::Optimizer descend_;
    const Tensor class_; // 0, 1, ..., C - 1
    Tensor seen_, own_;  // [C] bool: classes so far, of this task
    Tensor moves_;       // [1, P] bool: all but the head's rows of classes to come
    mneme::StoredRows store_;
    mneme::Weights old_;
    Tensor means_; // [S, C, F]
};

} // namespace

MNEME_METHOD(Icarl, "icarl", "herded exemplars, distillation, and answers by the nearest mean",
             "arXiv:1611.07725", scores, stores_examples, needs_task_boundaries)
