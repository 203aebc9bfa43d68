// SPDX-License-Identifier: Apache-2.0
// Update rules on theta [S, P], one rate per replica.
//   sgd:   v <- m v + g;  theta <- theta - lr v                  (no dampening, no Nesterov)
//   adam:  Kingma & Ba 2014, arXiv:1412.6980, algorithm 1        adamw: Loshchilov & Hutter 2017,
//       arXiv:1711.05101, decoupled decay
// Weight decay adds decay * theta to g (sgd, adam). A step takes a quadratic penalty and a path
// integral along in its one pass over theta.
#pragma once

#include <cmath>

#include <mneme/state.hpp>
#include <mneme/task.hpp>

namespace mneme {

enum class Rule { sgd = MNEME_SGD, adam = MNEME_ADAM, adamw = MNEME_ADAMW };

// What [train] says. lr_t = max(lr_min, lr * lr_decay^(t-1)) for task t = 1..T.
struct Recipe {
    Rule rule = Rule::sgd;
    Tensor lr; // [S, 1]
    double lr_decay = 1, lr_min = 0, momentum = 0, weight_decay = 0;
    bool reset = true; // a new state at each task
    double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
    int64_t epochs = 1,
            batch_size = 1; // the harness runs them; for methods with phases of their own
    double dropout = 0;     // the network does it, in Mode::train
};

// What a step may carry beside the gradient g of the loss.
struct Step {
    // The quadratic penalty sum of strength * importance * (theta - anchor)^2, no 1/2: 2 strength
    // importance (theta - anchor) is added to g, entry by entry cut to [-clip, clip] where clip >
    // 0.
    Tensor importance{}, anchor{}; // [S, P]
    Tensor strength{};             // [S, 1]
    double clip = 0;
    Tensor mask{};  // [S, P] or [1, P] bool: only entries that are true move
    Tensor path{};  // [S, P], in place: path <- path - along * D, D the change of theta that the
                    // step really made
    Tensor along{}; // [S, P]; undefined: g
};

class Optimizer final {
  public:
    // `like`: theta, or anything of its shape. The moments are there from the start, so that a
    // captured step finds them.
    Optimizer(const Recipe& recipe, const Tensor& like)
        : recipe_(recipe), rate_(recipe.lr.clone()), tick_(zeros_like(rate_)) {
        const bool adam = recipe.rule != Rule::sgd;
        if (adam || recipe.momentum > 0) first_ = zeros_like(like);
        if (adam) second_ = zeros_like(like), steps_ = zeros_like(rate_);
        decay_ = zeros_like(rate_) + recipe.weight_decay;
    }

    // At a task's start: the task's rate, and a fresh state unless the recipe keeps it.
    void begin(const Task& task) {
        rate_.copy_((recipe_.lr * std::pow(recipe_.lr_decay, static_cast<double>(task.index)))
                        .clamp_min(recipe_.lr_min));
        length_ = 0;
        if (recipe_.reset) reset();
    }
    // At a phase's start, for a rate of the phase's own: a fresh state, and lr/2 (1 + cos(pi k /
    // K)) at step k of K.
    void begin(const Phase& phase) {
        length_ = phase.length();
        tick_.zero_();
        reset();
    }
    void reset() {
        for (Tensor* moment : {&first_, &second_, &steps_})
            if (moment->defined()) moment->zero_();
    }
    const Recipe& recipe() const { return recipe_; }
    const Tensor& rate() const { return rate_; } // [S, 1]
    // The rate of the steps to come, [S, 1], until begin(). A phase with a cosine has its own.
    void set_rate(const Tensor& rate) {
        length_ = 0;
        rate_.copy_(rate);
    }

    // One step, in place.
    void operator()(Tensor& theta, const Tensor& gradient, const Step& with = {}) {
        if (length_ > 0) {
            rate_.copy_(
                recipe_.lr *
                (MNEME_OP("aten::cos")(tick_ * (pi / static_cast<double>(length_))) * 0.5 + 0.5));
            tick_ += 1;
        }
        const mneme_update update{sizeof(mneme_update),
                                  static_cast<int32_t>(recipe_.rule),
                                  recipe_.momentum,
                                  recipe_.beta1,
                                  recipe_.beta2,
                                  recipe_.epsilon,
                                  rate_.handle(),
                                  decay_.handle(),
                                  first_.handle(),
                                  second_.handle(),
                                  steps_.handle(),
                                  with.mask.handle(),
                                  with.importance.handle(),
                                  with.anchor.handle(),
                                  with.strength.handle(),
                                  with.clip,
                                  with.path.handle(),
                                  with.along.handle()};
        border::call(border::tables.optimizer->step, &update, theta.handle(), gradient.handle());
    }
    void operator()(Weights& weights, const Tensor& gradient, const Step& with = {}) {
        (*this)(weights.theta, gradient, with);
    }

    void state(State& s) {
        const bool kept = !recipe_.reset; // moments that the next task drops are not on the bill
        s("~rate", rate_);
        s("~tick", tick_);
        s("~length", length_);
        s(kept ? "first" : "~first", first_);
        s(kept ? "second" : "~second", second_);
        s(kept ? "steps" : "~steps", steps_);
    }

  private:
    static constexpr double pi = 3.141592653589793;
    Recipe recipe_;
    Tensor rate_, tick_, decay_, first_, second_, steps_;
    int64_t length_ = 0; // steps of the phase; 0: no schedule
};

} // namespace mneme
