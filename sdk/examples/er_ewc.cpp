// SPDX-License-Identifier: Apache-2.0
// Two methods joined from the SDK's parts, and copied from neither: the replay of Chaudhry et al.
// 2019, arXiv:1902.10486, under the penalty of Schwarz et al. 2018, arXiv:1805.06370.
//
//   L(theta) = 1/(|B| + |M|) sum_{(x,y) in B and M} CE(f(x), y) + lambda sum_i F_i (theta_i -
//       theta*_i)^2,     F <- F + F_task
//
// M is drawn from the memory, theta* are the weights at the end of the last task; no factor 1/2.
// With lambda = 0 this is `er` bit for bit, with replay = false it is `ewc_online`.
#include <mneme/fisher.hpp>
#include <mneme/mneme.hpp>

namespace {

class ErEwc final : public mneme::Learner {
  public:
    explicit ErEwc(mneme::Setup& s)
        : Learner(s),
          lambda_(s.options.number("lambda", 1, {.min = 0}, "weight of the penalty (no 1/2)")),
          replay_(s.options.flag("replay", true, "join stored examples to each batch")), fisher_(s),
          memory_(s, {"class_balanced", "ring", "reservoir"}, 10),
          descend_(s.optimizer({.lr = 0.03, .batch_size = 10, .momentum = 0})),
          f_(zeros_like(weights().theta)), star_(f_.clone()) {}

    void begin_task(const mneme::Task& task) override {
        descend_.begin(task);
        if (replay_) memory_.start(task);
    }

    void observe(const mneme::Batch& batch) override {
        const auto joined = memory_.empty() ? batch : concat(batch, memory_.sample());
        descend_(weights(), net().gradient(weights(), joined),
                 {.importance = f_, .anchor = star_, .strength = lambda_});
        if (replay_) memory_.add(batch);
    }

    void end_task(const mneme::Task& task) override {
        if (replay_)
            memory_.finish(
                task); // before the Fisher: both draw from the task, and `er` has no other draws
        f_ += fisher_(net(), weights(), task);
        star_.copy_(weights().theta);
    }

    void state(mneme::State& s) override {
        Learner::state(s);
        s("f", f_);
        s("star", star_);
        s("memory", memory_);
        s("descend", descend_);
    }

  private:
    const mneme::Tensor lambda_; // [S, 1]
    const bool replay_;
    const mneme::Fisher fisher_;
    mneme::ReplayMemory memory_;
    mneme::Optimizer descend_;
    mneme::Tensor f_, star_; // [S, P]
};

} // namespace

MNEME_METHOD(ErEwc, "er_ewc", "experience replay under a Fisher penalty",
             "arXiv:1902.10486, arXiv:1805.06370", stores_examples)
