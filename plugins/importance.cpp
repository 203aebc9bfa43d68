// SPDX-License-Identifier: Apache-2.0
// Importance for a quadratic penalty. Benzing 2020, "Unifying Regularisation Methods for Continual
// Learning", arXiv:2006.06357.
//
//   L(theta) = CE(theta) + c sum_i Omega_i (theta_i - anchor_i)^2
//   at the task's end: Omega <- Omega + increment, anchor <- theta
//
//   measure      every step                                increment
//   si siu sib   w <- w - a D,  a = g1, g2, g1 - g2        max(0, w / (len^2 + xi))
//   sos          w <- b2 w + (1 - b2) (g1 - alpha g2)^2    sqrt(w)
//   mas masx                                               mean |d sum_k p_k^2|, |d (max_k p_k)^2|
//   mas2 masx2                                             the same of logits
//   af                                                     mean sum_y p(y) |d log p(y)|
//   fisher rf                                              mean sum_y p(y) (d log p(y))^2; its root
//
// g1, g2: gradients of CE without dropout before the step, of the step's batch and of an
// independent one. D: the change that the step really made, the penalty's pull included. len: the
// change over the task. Means over `samples` examples. Where a task has not all of the network's
// classes, the head gets no importance and is not drawn again, unless regularise_heads. Not as in
// the paper: weights are drawn again from U(-1/sqrt(fan_in), 1/sqrt(fan_in)), not from Glorot's.
#include <mneme/descent_learner.hpp>
#include <mneme/mneme.hpp>
#include <mneme/penalty.hpp>

namespace {

using mneme::Tensor;

class Importance final : public mneme::DescentLearner {
  public:
    explicit Importance(mneme::Setup& s)
        : DescentLearner(s, {.lr = 1e-3,
                             .batch_size = 256,
                             .momentum = 0,
                             .rule = mneme::Rule::adam,
                             .drop_last = true}),
          measure_(s.options.choice<Measure>("measure", names, "what Omega is")),
          penalty_(s.options.number("c", 0.2, {.min = 0}, "weight of the penalty (no 1/2)"),
                   weights().theta),
          xi_(s.options.number("xi", 0.1, {.above = 0}, "damping of si, siu and sib")),
          alpha_(s.options.real("alpha", 0, {.min = 0, .max = 1}, "sos: share of g2 taken off g1")),
          b2_(s.options.real("b2", 0.999, {.min = 0, .below = 1}, "sos: decay of the mean")),
          samples_(s.options.count("samples", 1000, {.min = 1}, "examples a task, at its end")),
          reinit_(s.options.flag("reinit", false, "draw the weights again at each task's start")),
          heads_(s.options.flag("regularise_heads", false, "penalise heads of the tasks' own too")),
          fresh_(s.random("reinit")), w_(zeros_like(weights().theta)),
          start_(weights().theta.clone()) {}

    void begin_task(const mneme::Task& task) override {
        DescentLearner::begin_task(task);
        w_.zero_();
        if (reinit_)
            weights().theta.copy_(
                where(left_out(task), weights().theta, redrawn(net(), fresh_, weights().theta)));
        start_.copy_(weights().theta);
    }

    std::vector<mneme::Phase> phases(const mneme::Task&) const override {
        return {
            {.companion = measure_ == siu || measure_ == sib || (measure_ == sos && alpha_ != 0)}};
    }

    void observe(const mneme::Batch& batch) override { step(batch, {}); }
    void observe_with(const mneme::Batch& batch, const mneme::Batch& companion) override {
        step(batch, net().gradient(weights(), companion, mneme::Mode::batch_stats));
    }

    void end_task(const mneme::Task& task) override {
        auto increment = measure_ > sos ? measured(task.train()) : sqrt(w_);
        if (measure_ < sos)
            increment = (w_ / (square(weights().theta - start_) + xi_)).clamp_min(0);
        penalty_.omega() += increment.masked_fill(left_out(task), 0);
        penalty_.finish(task, weights().theta, optimizer());
    }

    void state(mneme::State& s) override {
        DescentLearner::state(s);
        penalty_.state(s);
        s("~w", w_);
        s("~start", start_);
    }

  private:
    enum Measure { si, siu, sib, sos, mas, mas2, masx, masx2, af, fisher, rf };
    static constexpr auto names = {"si",   "siu",   "sib", "sos",    "mas", "mas2",
                                   "masx", "masx2", "af",  "fisher", "rf"};

    void step(const mneme::Batch& batch, const Tensor& g2) {
        const bool own =
            optimizer().recipe().dropout > 0 && measure_ <= sos; // else the step's gradient is g1
        const auto plain =
            own ? net().gradient(weights(), batch, mneme::Mode::batch_stats) : Tensor();
        const auto g = net().gradient(weights(), batch), g1 = own ? plain : g;
        auto with = penalty_.step();
        if (measure_ == sos) w_.lerp_(square(alpha_ != 0 ? g1 - alpha_ * g2 : g1), 1 - b2_);
        else if (measure_ < sos)
            with.path = w_, with.along = measure_ == si ? g1 : measure_ == siu ? g2 : g1 - g2;
        descend(g, with);
    }
    Tensor measured(const mneme::Examples& examples) const { // [S, P]
        using enum mneme::Of;
        const mneme::Of all[] = {probability_norm, logits_norm, max_probability, max_logit},
                        of = measure_ < af ? all[measure_ - mas] : loss_expected;
        const auto size = measure_ < fisher ? mneme::Reduce::abs : mneme::Reduce::square;
        auto mean = zeros_like(w_);
        for (const auto& [batch, share] : examples.batches(samples_))
            mean.add_(net().per_sample(weights(), batch, of, size), share);
        return measure_ == rf ? sqrt(mean) : mean;
    }
    Tensor left_out(const mneme::Task& task) const { // [1, P] bool: a head that is not regularised
        const auto head = net().head_columns();
        const bool shared = static_cast<int64_t>(task.classes.size()) == net().classes();
        return heads_ || shared ? zeros_like(head) : head;
    }

    const Measure measure_;
    mneme::ImportancePenalty penalty_;
    const Tensor xi_; // [S, 1]
    const double alpha_, b2_;
    const int64_t samples_;
    const bool reinit_, heads_;
    const mneme::Random fresh_;
    Tensor w_, start_; // [S, P]
};

} // namespace

MNEME_METHOD(Importance, "importance", "quadratic penalty by one of eleven importance measures",
             "arXiv:2006.06357", needs_task_boundaries)
