// SPDX-License-Identifier: Apache-2.0
// TIES merging: trim, elect signs, average what agrees. Yadav et al. 2023, arXiv:2306.01708.
//
//   tau_t = theta_t - base,                theta_t by plain descent on task t from the base
//   trim      of each tau_t all entries but the `keep` largest are 0
//   elect     gamma_i = sign(sum_t tau_t,i)
//   merge     tau_i = mean over the tau_t,i != 0 whose sign is gamma_i;   theta = base + scale tau
//
// Sums and counts by sign stand for all vectors so far, so its memory does not grow with the tasks.
// The base is a pretrained network in the paper; here base = "first" takes the network after the
// first task (whose own vector is then 0), "initial" the initial weights.
#include <algorithm>
#include <cmath>

#include <mneme/descent_learner.hpp>
#include <mneme/mneme.hpp>
#include <mneme/select.hpp>

namespace {

using mneme::Tensor;

class Ties final : public mneme::DescentLearner {
  public:
    explicit Ties(mneme::Setup& s)
        : DescentLearner(s, {.lr = 0.01, .batch_size = 10, .momentum = 0.8}),
          scale_(s.options.number("scale", 1, {.min = 0}, "weight of the merged vector")),
          keep_(s.options.real("keep", 0.2, {.max = 1, .above = 0},
                               "share of a vector's entries that are kept")),
          base_is_first_(s.options.choice("base", {"first", "initial"},
                                          "where the vectors begin: after the first task, or the "
                                          "initial weights") == "first"),
          base_(weights().theta.clone()), up_(zeros_like(base_)), up_count_(zeros_like(base_)),
          down_(zeros_like(base_)), down_count_(zeros_like(base_)) {}

    void begin_task(const mneme::Task& task) override {
        weights().theta.copy_(base_);
        DescentLearner::begin_task(task);
        optimizer().reset();
    }
    void observe(const mneme::Batch& batch) override { descend(batch); }
    void end_task(const mneme::Task& task) override {
        auto& theta = weights().theta;
        if (task.first() && base_is_first_) base_.copy_(theta);
        else add(theta - base_);
        const auto total = up_ + down_, none = zeros_like(base_);
        const auto merged = where(total > 0, up_ / up_count_.clamp_min(1),
                                  where(total < 0, down_ / down_count_.clamp_min(1), none));
        theta.copy_(base_ + scale_ * merged);
    }

    void state(mneme::State& s) override {
        DescentLearner::state(s);
        s("base", base_);
        s("up", up_), s("up_count", up_count_);
        s("down", down_), s("down_count", down_count_);
    }

  private:
    void add(const Tensor& vector) { // trimmed, by sign
        const auto all = static_cast<double>(net().parameters());
        const auto kept = mneme::largest_of(
            abs(vector), std::max<int64_t>(1, static_cast<int64_t>(std::floor(keep_ * all))));
        const auto none = zeros_like(vector);
        const auto rises = kept && (vector > 0), falls = kept && (vector < 0);
        up_ += where(rises, vector, none);
        down_ += where(falls, vector, none);
        up_count_ += rises.to(vector.dtype());
        down_count_ += falls.to(vector.dtype());
    }

    const Tensor scale_; // [S, 1]
    const double keep_;
    const bool base_is_first_;
    Tensor base_, up_, up_count_, down_, down_count_; // [S, P]
};

} // namespace

MNEME_METHOD(Ties, "ties", "trimmed task vectors, averaged where their signs agree",
             "arXiv:2306.01708", needs_task_boundaries)
