// SPDX-License-Identifier: Apache-2.0
// SupSup: supermasks in superposition. Wortsman et al. 2020, arXiv:2006.14769 (task given in
// training and at test: "GG").
//
//   task t:  m_t = the largest |s_t| of each layer,   L = CE(W m_t),   s_t <- Adam of dL/ds_t =
//       dL/d(W m_t) W sign(s_t)
//
// W is drawn once and never trained: forgetting is exactly 0. transfer = "mean" starts a task's
// scores from the mean of the earlier ones ("SupSup transfer"), "kkt" as knn_transfer.hpp says. One
// density for all layers by default, as in the ExSSNeT code; supermask.hpp says what else differs.
// The rate falls by a cosine over each task. Of [train] only batch_size, dropout and drop_last are
// read.
#include <mneme/knn_transfer.hpp>
#include <mneme/mneme.hpp>

namespace {

class Supsup final : public mneme::Learner {
  public:
    explicit Supsup(mneme::Setup& s)
        : Learner(s), train_(s.recipe({.batch_size = 64})), masks_(s),
          epochs_(s.options.count("mask_epochs", 50, {.min = 1}, "passes over a task")),
          transfer_(s.options.choice<Transfer>("transfer", {"none", "mean", "kkt"},
                                               "what a task's scores start from")),
          knn_(s,
               transfer_ == Transfer::kkt ? mneme::KnnTransfer::Take::best
                                          : mneme::KnnTransfer::Take::off,
               train_.batch_size),
          descend_(
              {.rule = mneme::Rule::adam,
               .lr = s.options.number("mask_lr", 1e-3, {.above = 0}, "Adam's rate for the scores")},
              weights().theta),
          scores_(zeros_like(weights().theta)) {
        weights().theta = masks_.constants(weights().theta);
        if (transfer_ == Transfer::mean) mean_ = zeros_like(scores_);
    }

    std::vector<mneme::Phase> phases(const mneme::Task&) const override {
        return {{.name = "mask", .epochs = epochs_}};
    }

    void begin_task(const mneme::Task& task) override {
        weights().stats.copy_(masks_.stats_at_start());
        const auto start = knn_.start(net(), masks_, weights().theta, task, masks_.fresh());
        scores_.copy_(transfer_ == Transfer::mean && !task.first() ? mean_ : start);
    }
    void begin_phase(const mneme::Phase& phase) override { descend_.begin(phase); }

    void observe(const mneme::Batch& batch) override {
        const auto& theta = weights().theta;
        const auto g = net().gradient(at(masks_.masked(theta, masks_.mask(scores_))), batch);
        descend_(scores_, masks_.slope(g, theta, scores_));
    }

    void end_phase(const mneme::Phase&) override { masks_.freeze(masks_.mask(scores_)); }

    void end_task(const mneme::Task& task) override {
        masks_.keep(weights().stats);
        knn_.keep(scores_);
        if (mean_.defined()) mean_ += (scores_ - mean_) / (task.index + 1);
        masks_.report(task.index);
    }

    mneme::Tensor predict(const mneme::Tensor& x, mneme::TaskId task) const override {
        return net().logits(masks_.weights_of(masks_.known(task), weights().theta), x,
                            mneme::Mode::eval);
    }

    void state(mneme::State& s) override {
        Learner::state(s);
        s("masks", masks_);
        s("kkt", knn_);
        s("mean", mean_);
        s("~scores", scores_);
        s("descend", descend_);
    }

  private:
    enum class Transfer { none, mean, kkt };
    const mneme::Recipe train_;
    mneme::Supermask masks_;
    const int64_t epochs_;
    const Transfer transfer_;
    mneme::KnnTransfer knn_;
    mneme::Optimizer descend_;
    mneme::Tensor scores_, mean_; // [S, P]
};

} // namespace

MNEME_METHOD(Supsup, "supsup", "one mask a task over fixed random weights", "arXiv:2006.14769",
             needs_task_id)
