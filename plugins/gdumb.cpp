// SPDX-License-Identifier: Apache-2.0
// GDumb: greedy sampler and dumb learner. Prabhu, Torr, Dokania, ECCV 2020, "GDumb: A Simple
// Approach that Questions Our Progress in Continual Learning", algorithms 1 and 2.
//
//   sampler:  keep a row while its class has less than  memory / (classes seen);  in a full memory
//             a random row of the largest class makes room
//   learner:  from the initial weights,  theta <- theta - lr_e v,  v <- momentum v + dL_M/dtheta,
//             epoch by epoch over the memory; before each evaluation, that is at each task's end
//   lr_0 = lr / 10;  then cosines from lr to lr_low of 1, 2, 4, ... epochs (SGDR, T_mult = 2)
//
// The rate falls from epoch to epoch, not from step to step. Left out: CutMix, which the paper uses
// on CIFAR, and stopping early. Of [train] epochs, lr_decay and lr_min are not read.
#include <cmath>

#include <mneme/mneme.hpp>
#include <mneme/replay_learner.hpp>

namespace {

class Gdumb final : public mneme::ReplayLearner {
  public:
    explicit Gdumb(mneme::Setup& s)
        : ReplayLearner(s, {.lr = 0.05, .batch_size = 16, .momentum = 0.9, .weight_decay = 1e-6},
                        {"balanced"}, 0),
          lr_(optimizer().recipe().lr), rows_(optimizer().recipe().batch_size),
          passes_(s.options.count("passes", 256, {.min = 1}, "epochs over the memory")),
          low_(s.options.real("lr_low", 5e-4, {.min = 0}, "where each cosine ends")),
          first_(mneme::range(rows_)), at_(first_.clone()) {}

    void begin_task(const mneme::Task& task) override {
        ReplayLearner::begin_task(task);
        if (!order_.defined()) order_ = zeros_like(memory().rows().y);
    }
    std::vector<mneme::Phase> phases(const mneme::Task&) const override {
        return {{.name = "collect", .epochs = 1},
                {.name = "train",
                 .epochs = passes_,
                 .steps = (memory().slots() + rows_ - 1) / rows_,
                 .data = mneme::Data::none}};
    }
    void begin_phase(const mneme::Phase& phase) override {
        if (phase.data != mneme::Data::none) return;
        const auto start = net().initial();
        weights().theta.copy_(start.theta);
        weights().stats.copy_(start.stats);
        optimizer().reset();
    }
    void begin_epoch(const mneme::Phase& phase, int64_t epoch) override {
        if (phase.data != mneme::Data::none) return;
        optimizer().set_rate(rate(epoch));
        order_.copy_(memory().draw(memory().slots()));
        at_.copy_(first_);
    }

    void observe(const mneme::Batch& batch) override {
        if (!batch.empty()) return void(memory().add(batch.as_stored()));
        const auto beyond = at_ >= order_.size(1); // of the last batch
        auto rows = memory().augmented_at(order_.index_select(1, at_.masked_fill(beyond, 0)));
        rows.weight = rows.weight.masked_fill(beyond, 0);
        rows.current = rows.rows();
        at_ += rows_;
        descend(rows);
    }

    void state(mneme::State& s) override {
        ReplayLearner::state(s);
        s("~order", order_), s("~at", at_);
    }

  private:
    mneme::Tensor rate(int64_t epoch) const { // [S, 1]
        if (epoch == 0) return lr_ * 0.1;
        int64_t into = epoch - 1, length = 1;
        while (into >= length) into -= length, length *= 2;
        const double share = (1 + std::cos(3.141592653589793 * double(into) / double(length))) / 2;
        return lr_ * share + low_ * (1 - share);
    }

    const mneme::Tensor lr_; // [S, 1]
    const int64_t rows_, passes_;
    const double low_;
    const mneme::Tensor first_; // 0, 1, ..., rows of a batch - 1
    mneme::Tensor order_, at_;  // [S, M] the epoch's order; positions in it of the next batch
};

} // namespace

MNEME_METHOD(Gdumb, "gdumb", "a balanced memory, and training on it alone from the initial weights",
             "Prabhu, Torr, Dokania, ECCV 2020", stores_examples)
