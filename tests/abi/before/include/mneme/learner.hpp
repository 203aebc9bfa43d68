// SPDX-License-Identifier: Apache-2.0
// A continual-learning method: it owns its update rule and nothing else. The harness owns data,
// order, loops, clocks, evaluation, checkpoints and results.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <mneme/optimizer.hpp>
#include <mneme/options.hpp>
#include <mneme/random.hpp>

namespace mneme {

// A method's own defaults for [train]; a benchmark's keys stand above them, a suite's above those.
struct TrainDefaults {
    double lr = 0.01;
    int64_t batch_size = 10;
    double momentum = 0.8;
    Rule rule = Rule::sgd;
    int64_t epochs = 1;
    double lr_decay = 1, lr_min = 0, weight_decay = 0, dropout = 0;
    bool drop_last = false, reset_optimizer = true;
};

// Lent for the learner's construction.
class Setup final {
  public:
    Setup(const mneme_setup& raw, const Net& lent)
        : net(lent), options(raw.context), replicas(raw.replicas),
          boundaries((raw.flags & MNEME_HIDDEN_BOUNDARIES) == 0), context_(raw.context) {}

    const Net& net;
    Options options;
    const int64_t replicas;
    const bool boundaries; // false: no task is announced; the whole stream comes as one task, whose
                           // train() has a single example

    // What [train] says, over the method's own defaults. Call it once.
    Recipe recipe(const TrainDefaults& own = {}) {
        constexpr double none = std::numeric_limits<double>::infinity();
        Recipe r;
        r.rule = Rule(options.train_choice("optimizer", static_cast<int64_t>(own.rule),
                                           {"sgd", "adam", "adamw"}, "update rule"));
        r.lr = options.train_number("lr", own.lr, {.above = 0}, "learning rate of the first task");
        r.lr_decay = options.train_real("lr_decay", own.lr_decay, {.max = 1, .above = 0},
                                        "factor on the rate from task to task");
        r.lr_min =
            options.train_real("lr_min", own.lr_min, {.min = 0}, "floor of the decayed rate");
        r.momentum =
            options.train_real("momentum", own.momentum, {.min = 0, .below = 1}, "momentum (sgd)");
        r.weight_decay =
            options.train_real("weight_decay", own.weight_decay, {.min = 0}, "weight decay");
        r.reset = options.train_flag("reset_optimizer", own.reset_optimizer,
                                     "new optimiser state at each task");
        r.dropout = options.train_real("dropout", own.dropout, {.min = 0, .max = none, .below = 1},
                                       "share of hidden units dropped");
        r.batch_size =
            options.train_count("batch_size", own.batch_size, {.min = 1}, "examples a step");
        r.epochs = options.train_count("epochs", own.epochs, {.min = 1}, "passes over a task");
        options.train_flag("drop_last", own.drop_last, "leave out a last batch that is not full");
        return r;
    }
    // An optimiser of theta built from it.
    Optimizer optimizer(const TrainDefaults& own = {}) {
        return {recipe(own), net.initial().theta};
    }

    Random random(std::string_view purpose) {
        mneme_source* source = nullptr;
        border::call(border::tables.random->open, context_, std::string(purpose).c_str(), &source);
        return Random(source);
    }

  private:
    mneme_setup_context* context_;
};

class Learner {
  public:
    explicit Learner(Setup& s) : net_(s.net), weights_(s.net.initial()) {}
    virtual ~Learner() = default;
    Learner(const Learner&) = delete;
    Learner& operator=(const Learner&) = delete;

    // Order, always: begin_task, phases, then per phase begin_phase, observe*, end_phase; then
    // end_task. Recording of gradients is off.
    virtual void begin_task(const Task&) {}
    virtual std::vector<Phase> phases(const Task&) const {
        return {Phase{}};
    } // one that shall not run is left out
    virtual void begin_phase(const Phase&) {}
    // One optimisation step. Hot: no branch on a tensor's value, no reading of values, tensors that
    // live on keep their storage.
    virtual void observe(const Batch&) = 0;
    virtual void observe_with(const Batch& batch, const Batch& /*companion*/) { observe(batch); }
    virtual void end_phase(const Phase&) {}
    virtual void end_task(const Task&) {} // may walk task.train(); no evaluation data exists here

    // Logits [S, N, C] of test inputs x. Must leave the learner as it was: the host compares. No
    // labels, no future tasks.
    virtual Tensor predict(const Tensor& x, TaskId) const {
        return net_.logits(weights_, x, Mode::eval);
    }

    // Every tensor and counter kept between steps. An override calls this first.
    virtual void state(State& s) { s("weights", weights_); }

    const Weights& current() const { return weights_; }

  protected:
    const Net& net() const { return net_; }
    Weights& weights() { return weights_; }
    const Weights& weights() const { return weights_; }
    Weights at(Tensor theta) const {
        return {std::move(theta), weights_.stats};
    } // other parameters, this learner's stats

  private:
    const Net& net_;
    Weights weights_;
};

} // namespace mneme
