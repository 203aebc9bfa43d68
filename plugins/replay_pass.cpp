// SPDX-License-Identifier: Apache-2.0
// Passes over the memory: after each epoch on the task one epoch over the stored examples of the
// earlier tasks, with an optimiser of its own. The control "stable SGD + memory" of Mirzadeh et al.
// 2021, arXiv:2010.04495: does the line help, or the replay?
//
//   task's epoch:     theta <- theta - lr_t v,          v <- momentum v + dL_t
//   memory's epoch:   theta <- theta - pass_lr_t u,     u <- momentum u + dL_M,     pass_lr_t =
//       pass_lr pass_lr_decay^(t-1)
//
// All else of the second optimiser is as [train] says. The authors' memory is 200 rows in all; ours
// is memory_per_class of each task. A phase must have an example of the task: a memory's epoch asks
// for one, which is counted once and not used.
#include <mneme/mneme.hpp>
#include <mneme/task_memory.hpp>

namespace {

class ReplayPass final : public mneme::Learner {
  public:
    explicit ReplayPass(mneme::Setup& s)
        : ReplayPass(s, s.recipe({.lr = 0.1,
                                  .batch_size = 64,
                                  .momentum = 0.8,
                                  .lr_decay = 0.8,
                                  .lr_min = 5e-4,
                                  .dropout = 0.2})) {}

    void begin_task(const mneme::Task& task) override {
        descend_.begin(task);
        pass_.begin(task);
    }

    std::vector<mneme::Phase> phases(const mneme::Task&) const override {
        if (memory_.empty()) return {{.name = "task"}};
        std::vector<mneme::Phase> list;
        for (int64_t e = 0; e < epochs_; ++e) {
            list.push_back({.name = "task", .epochs = 1});
            list.push_back(
                {.name = "memory", .epochs = 1, .batch_size = 1, .samples = 1, .steps = batches()});
        }
        return list;
    }

    void begin_phase(const mneme::Phase& phase) override {
        on_memory_ = phase.name == "memory";
        if (on_memory_) memory_.mixed(phase, memory_.tasks(), batch_, batches());
    }

    void observe(const mneme::Batch& batch) override {
        if (on_memory_) pass_(weights(), net().gradient(weights(), memory_.next()));
        else descend_(weights(), net().gradient(weights(), batch));
    }

    void end_task(const mneme::Task& task) override { memory_.store(task); }

    void state(mneme::State& s) override {
        Learner::state(s);
        s("on_memory", on_memory_);
        s("memory", memory_);
        s("descend", descend_);
        s("pass", pass_);
    }

  private:
    ReplayPass(mneme::Setup& s, mneme::Recipe train)
        : Learner(s), epochs_(train.epochs),
          batch_(s.options.count("pass_batch", 32, {.min = 1}, "stored examples a step")),
          memory_(s, "memory_pass"), descend_(train, weights().theta),
          pass_(second(s, train), weights().theta) {
        if (epochs_ > 8)
            throw mneme::Error("replay_pass, epochs: a task has at most 16 phases, and " +
                                   std::to_string(epochs_) + " epochs need " +
                                   std::to_string(2 * epochs_) + "; use at most 8",
                               MNEME_OPTION);
    }
    static mneme::Recipe second(mneme::Setup& s, mneme::Recipe train) {
        train.lr =
            s.options.number("pass_lr", 0.1, {.above = 0}, "rate over the memory, first task");
        train.lr_decay = s.options.real("pass_lr_decay", 0.7, {.max = 1, .above = 0},
                                        "factor on it from task to task");
        return train;
    }
    int64_t batches() const { return (memory_.rows(memory_.tasks()) + batch_ - 1) / batch_; }

    const int64_t epochs_, batch_;
    mneme::TaskMemory memory_;
    mneme::Optimizer descend_, pass_;
    bool on_memory_ = false;
};

} // namespace

MNEME_METHOD(ReplayPass, "replay_pass", "after each epoch on the task one over the stored examples",
             "arXiv:2010.04495", stores_examples, needs_task_boundaries)
