// SPDX-License-Identifier: Apache-2.0
// ExSSNeT: exclusive supermask subnetwork training, and SSNeT. Yadav, Bansal 2022,
// arXiv:2210.10209.
//
//   task t, mask phase:    s_t <- Adam of dL/d(W m_t) W sign(s_t),   m_t = the largest |s_t| of
//       each layer     (W fixed; SupSup)
//           weight phase:  W <- Adam of dL/dW on the free weights,   L = CE(W m_t), m_t fixed
//   free:   m_t and not (m_1 or ... or m_{t-1});   exclusive = false (SSNeT): m_t
//
// Each weight is trained by the first task that chooses it, so forgetting is exactly 0; SSNeT
// forgets. kkt: knn_transfer.hpp. Both phases begin with a new optimiser and their rates fall by a
// cosine; the code's second schedule (plateaus of accuracy) and its choice of the best epoch on
// test data are left out. Of [train] only batch_size, dropout and drop_last are read.
#include <mneme/knn_transfer.hpp>
#include <mneme/mneme.hpp>

namespace {

class Exssnet final : public mneme::Learner {
  public:
    explicit Exssnet(mneme::Setup& s)
        : Learner(s), train_(s.recipe({.batch_size = 64})), masks_(s),
          mask_epochs_(s.options.count("mask_epochs", 50, {.min = 1},
                                       "passes over a task that train its mask")),
          weight_epochs_(s.options.count("weight_epochs", 50, {.min = 0},
                                         "passes that train its weights; 0: none")),
          exclusive_(s.options.flag(
              "exclusive", true,
              "train the weights that no earlier task chose; false: all of the mask (SSNeT)")),
          knn_(s,
               s.options.choice<mneme::KnnTransfer::Take>("kkt", {"off", "best", "always", "all"},
                                                          "start from scores of earlier tasks"),
               train_.batch_size),
          choose_(adam(s, "mask_lr", "Adam's rate for the scores"), weights().theta),
          descend_(adam(s, "weight_lr", "Adam's rate for the weights"), weights().theta),
          scores_(zeros_like(weights().theta)), mask_(scores_ > 0), free_(scores_ > 0),
          none_(mneme::zeros({1, 1})) {
        if (train_.weight_decay > 0)
            throw mneme::Error(
                "weight_decay: decay would move weights that earlier tasks need; use 0",
                MNEME_OPTION);
        weights().theta = masks_.constants(weights().theta);
    }

    std::vector<mneme::Phase> phases(const mneme::Task&) const override {
        std::vector<mneme::Phase> list{{.name = "mask", .epochs = mask_epochs_}};
        if (weight_epochs_ > 0) list.push_back({.name = "weight", .epochs = weight_epochs_});
        return list;
    }

    void begin_task(const mneme::Task& task) override {
        weights().stats.copy_(masks_.stats_at_start());
        scores_.copy_(knn_.start(net(), masks_, weights().theta, task, masks_.fresh()));
        choosing_ = true;
    }
    void begin_phase(const mneme::Phase& phase) override {
        (choosing_ ? choose_ : descend_).begin(phase);
    }

    void observe(const mneme::Batch& batch) override {
        auto& theta = weights().theta;
        const auto g = net().gradient(
            at(masks_.masked(theta, choosing_ ? masks_.mask(scores_) : mask_)), batch);
        if (choosing_) choose_(scores_, masks_.slope(g, theta, scores_));
        else descend_(theta, where(free_, g, none_), {.mask = free_});
    }

    void end_phase(const mneme::Phase&) override {
        if (!choosing_) return;
        mask_.copy_(masks_.mask(scores_));
        free_.copy_(mask_ && masks_.trained());
        if (exclusive_ && masks_.tasks() > 0)
            free_.copy_(free_ && !masks_.chosen_before(masks_.tasks()));
        masks_.freeze(mask_);
        choosing_ = false;
    }

    void end_task(const mneme::Task& task) override {
        masks_.keep(weights().stats);
        knn_.keep(scores_);
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
        s("~scores", scores_), s("~mask", mask_), s("~free", free_), s("~choosing", choosing_);
        s("choose", choose_), s("descend", descend_);
    }

  private:
    static mneme::Recipe adam(mneme::Setup& s, const char* rate, const char* help) {
        return {.rule = mneme::Rule::adam, .lr = s.options.number(rate, 1e-3, {.above = 0}, help)};
    }
    const mneme::Recipe train_;
    mneme::Supermask masks_;
    const int64_t mask_epochs_, weight_epochs_;
    const bool exclusive_;
    mneme::KnnTransfer knn_;
    mneme::Optimizer choose_, descend_;  // scores, weights
    mneme::Tensor scores_, mask_, free_; // [S, P]
    const mneme::Tensor none_;
    bool choosing_ = true; // in the mask phase
};

} // namespace

MNEME_METHOD(Exssnet, "exssnet",
             "a mask a task, and training of the weights that it is the first to choose",
             "arXiv:2210.10209", needs_task_id)
