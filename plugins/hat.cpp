// SPDX-License-Identifier: Apache-2.0
// Hard attention to the task. Serra et al. 2018, arXiv:1801.01423, eq. 1 to 6.
//
//   a = sigmoid(s e),   h <- h a           e: an embedding of the task, a number for each unit
//   s = 1/s_max + (s_max - 1/s_max) (b - 1)/(B - 1)      at batch b of the B of an epoch
//   L(theta, e) = CE + c  sum a (1 - a^<t) / sum (1 - a^<t)
//   dL/dtheta_ij <- (1 - min(a_i^<t, a_j^<t)) dL/dtheta_ij,    a^<t: the largest of earlier tasks
//   dL/de <- s_max (cosh(s e) + 1) / (s (cosh(e) + 1)) dL/de  =  s_max sigmoid'(e) dL/da
//
// A unit is a hidden dimension of the network; its a stands on the columns of the layers that read
// from it. After a task a is 0 or 1, [e > 0]; the paper has sigmoid(s_max e), so here forgetting is
// exactly 0. e moves by plain descent, at embedding_rate times the task's rate, and stays within
// [-6, 6] as in the authors' code. The paper's factor is 1, for layers of 2000 units: the pull of c
// on a unit is 1 / units, and at 1 it switches all units of small networks off.
#include <mneme/descent_learner.hpp>
#include <mneme/losses.hpp>
#include <mneme/mneme.hpp>
#include <mneme/units.hpp>

namespace {

using mneme::Tensor;

class Hat final : public mneme::DescentLearner {
  public:
    explicit Hat(mneme::Setup& s)
        : DescentLearner(s, {.lr = 0.05, .batch_size = 64, .momentum = 0}), units_(s.net),
          s_max_(s.options.real("s_max", 400, {.min = 1}, "largest s")),
          c_(s.options.number("c", 0.75, {.min = 0}, "weight of the units that a task takes")),
          pace_(s.options.number("embedding_rate", 0.02, {.above = 0},
                                 "factor on the rate with which e moves")),
          init_(s.random("embedding")),
          used_(s.diagnostic("used", "1", "share of the units that a task so far has taken")),
          e_(mneme::zeros({s.replicas, units_.count()})), taken_(e_.clone()), share_(e_.clone()),
          moves_(zeros_like(weights().theta) > 0), tick_(mneme::zeros({1, 1})) {}

    void begin_task(const mneme::Task& task) override {
        DescentLearner::begin_task(task);
        e_.copy_(init_.normal({units_.count()}));
        const auto fixed = minimum(units_.read_from(taken_, 1), units_.enters(taken_, 1)) > 0;
        const auto first = taken_.new_full({1, 1}, task.first()) > 0; // biases of the head too
        moves_.copy_(net().real() && (!fixed || first || net().head_columns(task.classes)));
        const auto left = 1 - taken_;
        share_.copy_(left / left.sum(1, mneme::keepdim).clamp_min(1));
    }
    void begin_phase(const mneme::Phase& phase) override { batches_ = phase.steps; }
    void begin_epoch(const mneme::Phase&, int64_t) override { tick_.zero_(); }

    void observe(const mneme::Batch& batch) override {
        const double low = 1 / s_max_, last = double(std::max<int64_t>(1, batches_ - 1));
        const auto s = tick_ * ((s_max_ - low) / last) + low;
        tick_ += 1;
        auto& theta = weights().theta;
        const auto a = units_.read_from(mneme::sigmoid(s * e_), 1); // [S, P]
        const auto g = net().gradient(at(theta * a), batch);        // by theta a
        const auto d_a = units_.sums(g * theta) + c_ * share_;
        const auto slope = mneme::sigmoid(e_);
        descend(g * a, {.mask = moves_});
        e_.copy_(
            (e_ - s_max_ * pace_ * optimizer().rate() * slope * (1 - slope) * d_a).clamp(-6, 6));
    }

    void end_task(const mneme::Task&) override {
        masks_.push_back((e_ > 0).to(mneme::DType::float32));
        stats_.push_back(weights().stats.clone());
        taken_.copy_(maximum(taken_, masks_.back()));
        used_(taken_.mean(1));
    }

    Tensor predict(const Tensor& x, mneme::TaskId task) const override {
        if (!task || *task >= int64_t(masks_.size())) return Learner::predict(x, task);
        const auto t = static_cast<std::size_t>(*task);
        const auto a = units_.read_from(masks_[t], 1);
        return net().logits({weights().theta * a, stats_[t]}, x, mneme::Mode::eval);
    }

    void state(mneme::State& s) override {
        DescentLearner::state(s);
        s("masks", masks_), s("stats", stats_), s("taken", taken_);
        s("~e", e_), s("~share", share_), s("~moves", moves_), s("~tick", tick_);
        s("~batches", batches_);
    }

  private:
    const mneme::Units units_;
    const double s_max_;
    const Tensor c_, pace_; // [S, 1]
    const mneme::Random init_;
    const mneme::Diagnostic used_;
    Tensor e_, taken_, share_;          // [S, units]; taken: a^<t
    Tensor moves_, tick_;               // [S, P] bool; [1, 1]: batches of the epoch so far
    std::vector<Tensor> masks_, stats_; // of each task that is over
    int64_t batches_ = 1;               // of an epoch
};

} // namespace

MNEME_METHOD(Hat, "hat", "a learned mask of units for each task; what it uses is fixed after it",
             "arXiv:1801.01423", needs_task_id)
