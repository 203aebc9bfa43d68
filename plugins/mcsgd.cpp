// SPDX-License-Identifier: Apache-2.0
// Mode Connectivity SGD. Mirzadeh et al. 2021, arXiv:2010.04495.
//
//   w_hat_t: plain descent on task t;      w_bar_1 = w_hat_1
//   w_bar_t = argmin_z  sum over a = 0, 1/n, .., 1 of
//       L_M(w_bar_{t-1} + a (z - w_bar_{t-1})) + L_t(w_hat_t + a (z - w_hat_t))
//
// from z = w_bar_{t-1} + rho (w_hat_t - w_bar_{t-1}), with the gradient of mneme/line.hpp. M: the
// memory, L_t: some examples of the task. w_bar is evaluated. chain: task t + 1 starts from w_bar_t
// or w_hat_t; two programs of the authors disagree. The mean over the points is ours. The authors
// store the memory before the line phase, so M holds rows of task t (memory_includes_current); a
// batch of M is all rows of one task (by_task), and mixed takes as many. No dropout on the line,
// and batch statistics; the running ones stay those of w_hat.
#include <mneme/line.hpp>
#include <mneme/mneme.hpp>
#include <mneme/task_memory.hpp>

namespace {

using mneme::Phase, mneme::Task, mneme::Tensor;

class McSgd final : public mneme::Learner {
  public:
    explicit McSgd(mneme::Setup& s)
        : McSgd(s, s.recipe({.lr = 0.1,
                             .batch_size = 64,
                             .momentum = 0.8,
                             .lr_decay = 0.8,
                             .lr_min = 5e-4,
                             .dropout = 0.2})) {}

    void begin_task(const Task& task) override {
        first_ = task.first();
        bar_.copy_(weights().theta);
        if (chain_hat_ && !first_) weights().theta.copy_(hat_);
        descend_.begin(task);
        if (line_epochs_ > 0) memory_.store(task);
    }

    std::vector<Phase> phases(const Task& task) const override {
        const Phase sequential{.name = "sequential",
                               .epochs = epochs_ * (task.first() ? first_factor_ : 1)};
        if (task.first() || line_epochs_ == 0) return {sequential};
        const int64_t rows = std::min(samples_, task.train().size()), batches = remembered();
        const int64_t steps = batches * line_batch_ >= rows ? batches : 0; // the memory has more
        return {sequential, {"line", line_epochs_, line_batch_, samples_, steps}};
    }

    void begin_phase(const Phase& phase) override {
        on_line_ = phase.name == "line";
        if (!on_line_) return;
        move_.reset();
        if (mixed_) memory_.mixed(phase, remembered(), line_batch_, remembered());
        else memory_.by_task(phase, remembered());
    }

    void observe(const mneme::Batch& batch) override {
        if (!on_line_) return descend_(weights(), net().gradient(weights(), batch));
        auto g = line_.gradient(net(), bar_, weights(), memory_.next());
        move_(weights(), g += line_.gradient(net(), hat_, weights(), batch));
    }

    void end_phase(const Phase&) override {
        if (on_line_) return;
        hat_.copy_(weights().theta);
        if (!first_) weights().theta.copy_(bar_.lerp(hat_, rho_));
    }

    void state(mneme::State& s) override {
        Learner::state(s);
        s("~bar", bar_), s(chain_hat_ ? "hat" : "~hat", hat_), s("first", first_);
        s("on_line", on_line_), s("memory", memory_), s("descend", descend_), s("move", move_);
    }

  private:
    McSgd(mneme::Setup& s, const mneme::Recipe& train)
        : Learner(s), line_(s),
          chain_hat_(s.options.choice("chain", {"bar", "hat"},
                                      "which weights start the next task") == "hat"),
          rho_(s.options.number("rho", 0.5, {.min = 0, .max = 1},
                                "start of the line phase, from w_bar (0) to w_hat (1)")),
          samples_(s.options.count("current_samples", 400, {.min = 1},
                                   "examples of the current task in the line phase")),
          line_batch_(s.options.count("line_batch", 64, {.min = 1}, "of them in a step")),
          line_epochs_(
              s.options.count("line_epochs", 1, {.min = 0},
                              "passes of the line phase; 0: averaging only, and no memory")),
          mixed_(s.options.choice("memory_grouping", {"by_task", "mixed"},
                                  "whose rows share a memory batch") == "mixed"),
          with_current_(s.options.flag("memory_includes_current", true,
                                       "the line's memory holds rows of the current task")),
          first_factor_(s.options.count("first_task_factor", 1, {.min = 1, .max = 2},
                                        "factor on the first task's epochs")),
          epochs_(train.epochs), memory_(s, "line_memory"), descend_(train, weights().theta),
          move_({.lr = s.options.number("lr_line", 0.02, {.min = 0}, "rate of the line phase"),
                 .momentum = s.options.real("line_momentum", 0.8, {.min = 0, .below = 1},
                                            "momentum of the line phase")},
                weights().theta),
          bar_(weights().theta.clone()), hat_(bar_.clone()) {}

    // Tasks in M; one memory step each.
    int64_t remembered() const { return memory_.tasks() - (with_current_ ? 0 : 1); }

    const mneme::Line line_;
    const bool chain_hat_;
    const Tensor rho_; // [S, 1]
    const int64_t samples_, line_batch_, line_epochs_;
    const bool mixed_, with_current_;
    const int64_t first_factor_, epochs_;
    mneme::TaskMemory memory_;
    mneme::Optimizer descend_, move_;
    Tensor bar_, hat_; // [S, P]: w_bar_{t-1}, w_hat_t; z is weights()
    bool first_ = true, on_line_ = false;
};

} // namespace

MNEME_METHOD(McSgd, "mcsgd",
             "weights on low-loss lines to the last average and to the new solution",
             "arXiv:2010.04495", stores_examples, needs_task_boundaries)
