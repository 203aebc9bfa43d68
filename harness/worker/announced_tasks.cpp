// SPDX-License-Identifier: Apache-2.0
// A stream whose tasks are announced: each begins and ends for the learner.
#include <ATen/ATen.h>

#include <base/error.hpp>
#include <mneme/error.hpp>

#include "worker/task_source.hpp"

namespace mneme::harness {
namespace {

class AnnouncedTasks final : public TaskSource {
  public:
    explicit AnnouncedTasks(const StreamParts& parts) : parts_(parts) {}

    host::TaskView open(int64_t task, bool resumed) override;
    std::vector<std::unique_ptr<PhasePlan>> plan(int64_t task,
                                                 const std::vector<mneme_phase>& asked) override;
    bool begins(int64_t) const override { return true; }
    bool ends(int64_t) const override { return true; }

  private:
    bool looks_back() const { return parts_.method.flags & MNEME_ORACLE; }
    std::unique_ptr<mneme_examples> examples_of(int64_t task, bench::Examples) const;
    std::unique_ptr<mneme_examples> all_seen() const;
    PhaseSchedule schedule_of(const mneme_phase&, int64_t examples) const;
    void plan_without_data(PhasePlan&) const;

    const StreamParts parts_;
    std::unique_ptr<mneme_examples> current_;
    std::vector<bench::Examples> seen_; // kept for a method that may look back
};

std::unique_ptr<mneme_examples> AnnouncedTasks::examples_of(int64_t task,
                                                            bench::Examples data) const {
    auto out = std::make_unique<mneme_examples>(
        mneme_examples{&parts_.session, std::move(data), {}, parts_.stream.task(task).classes});
    out->task = at::full({out->data.size()}, task, parts_.session.placement().of(at::kLong));
    return out;
}

std::unique_ptr<mneme_examples> AnnouncedTasks::all_seen() const {
    auto out = std::make_unique<mneme_examples>(mneme_examples{&parts_.session, {}, {}, {}});
    std::vector<at::Tensor> tasks;
    for (std::size_t t = 0; t < seen_.size(); ++t) {
        const auto task = static_cast<int64_t>(t);
        const auto& classes = parts_.stream.task(task).classes;
        out->classes.insert(out->classes.end(), classes.begin(), classes.end());
        tasks.push_back(
            at::full({seen_[t].size()}, task, parts_.session.placement().of(at::kLong)));
    }
    out->data = joined(seen_, parts_.session.replicas());
    out->task = at::cat(tasks);
    return out;
}

host::TaskView AnnouncedTasks::open(int64_t task, bool) {
    parts_.session.model().begin_task(task);
    if (looks_back()) {
        while (static_cast<int64_t>(seen_.size()) <= task)
            seen_.push_back(parts_.stream.train(static_cast<int64_t>(seen_.size())));
        current_ = examples_of(task, seen_.back());
    } else {
        current_ = examples_of(task, parts_.stream.train(task));
    }
    return {task, parts_.stream.tasks(), *current_};
}

PhaseSchedule AnnouncedTasks::schedule_of(const mneme_phase& asked, int64_t examples) const {
    const auto& train = parts_.train;
    PhaseSchedule s;
    s.companion = asked.companion;
    s.batch_size = asked.batch_size > 0 ? asked.batch_size : train["batch_size"].get<int64_t>();
    s.epochs = asked.epochs > 0 ? asked.epochs : train["epochs"].get<int64_t>();
    s.rows = asked.samples > 0 ? std::min(asked.samples, examples) : examples;
    s.batches = train.value("drop_last", false) ? s.rows / s.batch_size
                                                : (s.rows + s.batch_size - 1) / s.batch_size;
    s.steps_per_epoch = asked.steps > 0 ? asked.steps : s.batches;
    if (s.steps() == 0 || s.batches == 0) refuse_phase_without_steps(s.batch_size, "task", s.rows);
    return s;
}

// A phase in which the learner gets no batch: its length is its own to say.
void AnnouncedTasks::plan_without_data(PhasePlan& plan) const {
    auto& phase = plan.phase;
    if (phase.steps < 1 || phase.companion)
        throw Error(std::string(parts_.method.id) +
                        ", phases: a phase without data has no number of steps of its own, or asks "
                        "for a second batch; set steps, and no companion",
                    MNEME_ARGUMENT);
    if (phase.epochs < 1) phase.epochs = parts_.train["epochs"].get<int64_t>();
    plan.schedule.epochs = phase.epochs, plan.schedule.steps_per_epoch = phase.steps;
    plan.order = at::zeros({1, 1}, parts_.session.placement().of(at::kLong));
    phase.batch_size = phase.samples = 0;
}

std::vector<std::unique_ptr<PhasePlan>> AnnouncedTasks::plan(
    int64_t task, const std::vector<mneme_phase>& asked) {
    std::vector<std::unique_ptr<PhasePlan>> plans;
    double passes = 0; // over the task's own examples
    for (const auto& phase : asked) {
        auto plan = std::make_unique<PhasePlan>();
        plan->phase = phase;
        plan->task = plan->learner_task = task;
        plan->index = static_cast<int64_t>(plans.size());
        if (phase.data == MNEME_SEEN_TASKS) {
            if (!looks_back())
                throw Error(std::string(parts_.method.id) +
                                ", phases: asks for seen tasks; only a method flagged oracle may",
                            MNEME_ARGUMENT);
            plan->own = all_seen();
        }
        plan->examples = plan->own ? plan->own.get() : current_.get();
        if (phase.data == MNEME_NO_DATA) {
            plan_without_data(*plan);
            plans.push_back(std::move(plan));
            continue;
        }
        const int64_t examples = plan->examples->data.size();
        const auto& s = plan->schedule = schedule_of(phase, examples);
        if (!plan->own) passes += s.passes(examples);
        if (parts_.cell.spec().stream.online && passes > 1 + 1e-9)
            throw base::ExitError(base::ExitCode::bad_input,
                                  std::string(parts_.method.id) +
                                      ", phases: passes the task's examples " +
                                      protocol::canonical(passes) +
                                      " times, and the stream is online; pass them once");
        plan->phase.epochs = s.epochs, plan->phase.batch_size = s.batch_size;
        plan->phase.samples = s.rows, plan->phase.steps = s.steps_per_epoch;
        plans.push_back(std::move(plan));
    }
    return plans;
}

} // namespace

std::unique_ptr<TaskSource> announced_tasks(const StreamParts& parts) {
    return std::make_unique<AnnouncedTasks>(parts);
}

} // namespace mneme::harness
