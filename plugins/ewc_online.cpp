// SPDX-License-Identifier: Apache-2.0
// Online Elastic Weight Consolidation: one penalty, at the last task's end. Kirkpatrick et al.
// 2017, arXiv:1612.00796, eq. 3; online form Schwarz et al. 2018, arXiv:1805.06370.
//
//   L(theta) = CE(theta) + lambda sum_i F_i (theta_i - theta*_i)^2
//   sum:      F <- fisher_decay F + F_task                               at the task's end
//   running:  every U = running_steps steps  R <- .1 R + .9 mean of g^2  (g the batch-mean
//       gradient); at the task's end
//             F <- R scaled to [0, 1] over all parameters (the "EWC" of the A-GEM and MC-SGD
//                 tables)
//
// No factor 1/2. theta* are the weights at the end of the last task.
#include <mneme/descent_learner.hpp>
#include <mneme/fisher.hpp>
#include <mneme/mneme.hpp>
#include <mneme/penalty.hpp>

namespace {

class EwcOnline final : public mneme::DescentLearner {
  public:
    explicit EwcOnline(mneme::Setup& s)
        : DescentLearner(s, {.lr = 0.03, .batch_size = 10, .momentum = 0}),
          lambda_(s.options.number("lambda", 10, {.min = 0}, "weight of the penalty (no 1/2)")),
          fisher_(s), decay_(s.options.real("fisher_decay", 1, {.min = 0, .max = 1},
                                            "factor on the old Fisher at each task's end")),
          running_(s.options.choice("consolidate", {"sum", "running"},
                                    "how F is made: see the equation") == "running"),
          every_(s.options.count("running_steps", 10, {.min = 1},
                                 "U, steps between two updates (running)")),
          clip_(s.options.real("penalty_clip", 0, {.min = 0},
                               "largest entry of the penalty's gradient; 0: no limit")),
          f_(zeros_like(weights().theta)), star_(f_.clone()) {
        if (running_) r_ = f_.clone(), sum_ = f_.clone(), tick_ = zeros_like(lambda_);
    }

    void observe(const mneme::Batch& batch) override {
        const auto g = net().gradient(weights(), batch);
        if (running_) accumulate(g);
        descend(g, {.importance = f_, .anchor = star_, .strength = lambda_, .clip = clip_});
    }

    void end_task(const mneme::Task& task) override {
        f_ = running_ ? scaled(r_) : decay_ * f_ + fisher_(net(), weights(), task);
        star_ = weights().theta.clone();
        log_pull(task, lambda_, f_, optimizer());
    }

    void state(mneme::State& s) override {
        DescentLearner::state(s);
        s("f", f_);
        s("star", star_);
        s("r", r_);
        s("sum", sum_);
        s("tick", tick_);
    }

  private:
    void accumulate(const mneme::Tensor& g) { // a factor of 0 or 1, not an `if`: the step stays one
                                              // sequence of operators
        sum_.addcmul_(g, g);
        tick_ += 1;
        const auto turn = (tick_.remainder(every_) == 0).to(mneme::DType::float32); // [S, 1]
        r_ *= 1 - 0.9 * turn;
        r_.addcmul_(sum_, turn, 0.9 / static_cast<double>(every_));
        sum_ *= 1 - turn;
    }
    mneme::Tensor scaled(
        const mneme::Tensor& r) const { // over real entries; a constant row becomes 0
        const auto real = net().real();
        const auto low = r.masked_fill(!real, 1e30).amin(1, mneme::keepdim),
                   width = r.amax(1, mneme::keepdim) - low;
        return ((r - low) / width).masked_fill(!real || (width <= 0), 0);
    }

    const mneme::Tensor lambda_; // [S, 1]
    const mneme::Fisher fisher_;
    const double decay_;
    const bool running_;
    const int64_t every_;
    const double clip_;
    mneme::Tensor f_, star_;       // [S, P]
    mneme::Tensor r_, sum_, tick_; // running: [S, P], [S, P], [S, 1]
};

} // namespace

MNEME_METHOD(EwcOnline, "ewc_online",
             "quadratic penalty by a sum of Fisher informations, one anchor", "arXiv:1805.06370",
             needs_task_boundaries)
