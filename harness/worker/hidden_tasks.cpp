// SPDX-License-Identifier: Apache-2.0
// A stream that announces no task. The learner is told of one task, begins and ends it once, and
// passes it once in one phase; every row of a batch is of that task. The harness alone knows where
// the tasks of the file end: there each piece of the phase does, and the network is evaluated.
#include <algorithm>

#include <ATen/ATen.h>

#include <base/error.hpp>
#include <benchmarks/example_stream.hpp>

#include "worker/task_source.hpp"

namespace mneme::harness {
namespace {

class HiddenTasks final : public TaskSource {
  public:
    explicit HiddenTasks(const StreamParts&);

    host::TaskView open(int64_t task, bool resumed) override;
    std::vector<std::unique_ptr<PhasePlan>> plan(int64_t task,
                                                 const std::vector<mneme_phase>& asked) override;
    bool begins(int64_t task) const override { return task == 0; }
    bool ends(int64_t task) const override { return task == parts_.stream.tasks() - 1; }

  private:
    struct Piece {                                    // of the sequence of examples, in steps
        int64_t batch_size, first_step, steps, whole; // whole: steps of the whole phase
    };

    mneme_phase only_phase(const std::vector<mneme_phase>& asked) const;
    Piece piece_of(int64_t task, const mneme_phase&) const;
    void set_examples(PhasePlan&, int64_t task, const Piece&) const;
    int64_t examples() const { return static_cast<int64_t>(sequence_[0].row.size()); }

    const StreamParts parts_;
    std::vector<bench::ExampleStream> sequence_; // of each replica
    mneme_examples shown_; // one example, for shapes: the rest is not known beforehand
};

int64_t steps_to(int64_t examples, int64_t batch) { return (examples + batch - 1) / batch; }

HiddenTasks::HiddenTasks(const StreamParts& parts) : parts_(parts) {
    const auto& stream = parts_.stream;
    const auto& spec = parts_.cell.spec();
    for (int64_t r = 0; r < parts_.session.replicas(); ++r) {
        std::vector<std::vector<int64_t>> orders;
        for (int64_t t = 0; t < stream.tasks(); ++t)
            orders.push_back(first_order(parts_.cell, stream, r, t));
        sequence_.push_back(bench::example_stream(
            orders, spec.stream.blur, parts_.cell.runs[static_cast<std::size_t>(r)].seed));
    }
    const auto first = stream.train(0);
    shown_.session = &parts_.session;
    shown_.data = {first.x.narrow(-2, 0, 1).contiguous(), first.y.narrow(0, 0, 1)};
    shown_.task = at::zeros({1}, parts_.session.placement().of(at::kLong));
    for (int64_t t = 0; t < stream.tasks(); ++t)
        for (int64_t c : stream.task(t).classes)
            if (t == 0 || spec.scenario.kind == "class") shown_.classes.push_back(c);
}

host::TaskView HiddenTasks::open(int64_t task, bool resumed) {
    if (begins(task) && !resumed) parts_.session.model().begin_task(0);
    return {0, 1, shown_};
}

mneme_phase HiddenTasks::only_phase(const std::vector<mneme_phase>& asked) const {
    const auto refuse = [&](const std::string& what) {
        throw base::ExitError(
            base::ExitCode::bad_input,
            std::string(parts_.method.id) + ", phases: " + what +
                ", on a stream without announced tasks; use one phase that passes the "
                "task once");
    };
    if (asked.size() != 1) refuse("asks for " + std::to_string(asked.size()) + " phases");
    const auto& p = asked[0];
    if (p.data != MNEME_THIS_TASK) refuse("asks for seen tasks");
    const int64_t epochs = p.epochs > 0 ? p.epochs : parts_.train["epochs"].get<int64_t>();
    if (epochs > 1 || p.samples > 0 || p.steps > 0 || p.companion)
        refuse("asks for epochs, samples, steps or a second batch");
    return p;
}

// The steps from where the task before ended to where this one does: up to the batch with its last
// example, or with what came instead of it.
HiddenTasks::Piece HiddenTasks::piece_of(int64_t task, const mneme_phase& phase) const {
    int64_t before = 0; // examples of the tasks before
    for (int64_t t = 0; t < task; ++t) before += parts_.stream.task(t).train_count;
    const int64_t until = before + parts_.stream.task(task).train_count;
    Piece p{};
    p.batch_size =
        phase.batch_size > 0 ? phase.batch_size : parts_.train["batch_size"].get<int64_t>();
    p.whole = parts_.train.value("drop_last", false) ? examples() / p.batch_size
                                                     : steps_to(examples(), p.batch_size);
    if (p.whole == 0) refuse_phase_without_steps(p.batch_size, "stream", examples());
    p.first_step = steps_to(before, p.batch_size);
    const int64_t end = ends(task) ? p.whole : std::min(p.whole, steps_to(until, p.batch_size));
    p.steps = std::max<int64_t>(0, end - p.first_step);
    return p;
}

std::vector<std::unique_ptr<PhasePlan>> HiddenTasks::plan(int64_t task,
                                                          const std::vector<mneme_phase>& asked) {
    auto plan = std::make_unique<PhasePlan>();
    plan->phase = only_phase(asked);
    const Piece piece = piece_of(task, plan->phase);
    plan->phase.epochs = 1, plan->phase.batch_size = piece.batch_size;
    plan->phase.samples = examples(), plan->phase.steps = piece.whole;
    plan->task = task;
    plan->first_step = piece.first_step;
    plan->begins = begins(task), plan->ends = ends(task);
    plan->schedule = {1, piece.batch_size, 1, piece.steps, piece.steps, false};
    plan->examples = &shown_;
    // A task may be so small that it ended within another's batch.
    if (piece.steps > 0) set_examples(*plan, task, piece);
    std::vector<std::unique_ptr<PhasePlan>> plans;
    plans.push_back(std::move(plan));
    return plans;
}

void HiddenTasks::set_examples(PhasePlan& plan, int64_t task, const Piece& piece) const {
    const auto& stream = parts_.stream;
    const int64_t begin = piece.first_step * piece.batch_size;
    const int64_t rows =
        std::min(examples(), (piece.first_step + piece.steps) * piece.batch_size) - begin;
    int32_t lowest = static_cast<int32_t>(stream.tasks() - 1), highest = 0;
    for (const auto& stream : sequence_) {
        const auto [low, high] =
            std::minmax_element(stream.task.begin() + begin, stream.task.begin() + begin + rows);
        lowest = std::min(lowest, *low), highest = std::max(highest, *high);
    }
    std::vector<bench::Examples> tasks;
    std::vector<int64_t> offset{0}; // of each task among the joined examples
    for (int64_t t = lowest; t <= highest; ++t) {
        tasks.push_back(stream.train(t));
        offset.push_back(offset.back() + stream.task(t).train_count);
    }
    auto order = at::empty({parts_.session.replicas(), rows}, at::kLong);
    int64_t* position = order.data_ptr<int64_t>();
    for (const auto& stream : sequence_)
        for (int64_t k = begin; k < begin + rows; ++k) {
            const auto at = static_cast<std::size_t>(k);
            *position++ =
                offset[static_cast<std::size_t>(stream.task[at] - lowest)] + stream.row[at];
        }
    const auto device = parts_.session.device();
    plan.order = order.to(device);
    plan.schedule.rows = rows;
    plan.own = std::make_unique<mneme_examples>(mneme_examples{&parts_.session, {}, {}, {}});
    plan.own->data = joined(tasks, parts_.session.replicas());
    plan.own->task = at::zeros({plan.own->data.size()}, parts_.session.placement().of(at::kLong));
    plan.examples = plan.own.get();
    // The classes of everything that has come so far count. With blur those of a later task may
    // come early.
    parts_.session.model().begin_task(std::max<int64_t>(task, highest));
}

} // namespace

std::unique_ptr<TaskSource> hidden_tasks(const StreamParts& parts) {
    return std::make_unique<HiddenTasks>(parts);
}

} // namespace mneme::harness
