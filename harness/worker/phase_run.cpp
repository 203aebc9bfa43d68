// SPDX-License-Identifier: Apache-2.0
#include "worker/phase_run.hpp"

#include <algorithm>

#include "host/ones.hpp"
#include "worker/step_replay.hpp"

namespace mneme::harness {
namespace {

constexpr int64_t watch_every = 100; // steps between two looks at the weights

uint32_t counter_of(int64_t task, int64_t phase) { // docs/protocol.md, "Random numbers"
    return static_cast<uint32_t>(task) * 256 + static_cast<uint32_t>(phase);
}

} // namespace

PhaseRun::PhaseRun(const RunParts& parts, const PhasePlan& plan, CurveProgress& curve)
    : parts_(parts), plan_(plan), curve_(curve) {}
PhaseRun::~PhaseRun() = default;

void PhaseRun::run(int64_t from, const BetweenSteps& between_steps) {
    const auto phase = static_cast<uint32_t>(plan_.index);
    begin(from);
    make_steps(std::max<int64_t>(from, 0), between_steps);
    if (parts_.ledger.all_diverged()) return;
    if (plan_.ends) {
        parts_.session.draws().seek({plan_.learner_task, phase, host::step_end});
        parts_.learner.end_phase(plan_.phase);
    }
    parts_.weights.mark_nonfinite(plan_.schedule.steps());
    flush_measurements(plan_.schedule.steps());
}

void PhaseRun::begin(int64_t from) {
    const auto phase = static_cast<uint32_t>(plan_.index);
    const int64_t all = plan_.examples->data.size(), rows = plan_.schedule.rows;
    parts_.position = {plan_.task, plan_.index, std::max<int64_t>(from, 0)};
    parts_.reporter.set_position({plan_.task, plan_.index, parts_.position.step});
    curve_.skip(parts_.position.step);
    parts_.ledger.begin_phase(parts_.position.step);
    parts_.weights.reset();
    if (from < 0 && plan_.begins) {
        parts_.session.draws().seek({plan_.learner_task, phase, host::step_begin});
        parts_.learner.begin_phase(plan_.phase);
    }
    if (!plan_.order.defined() && rows < all)
        subset_ = parts_.session.draws()
                      .permutation_at("subset", all, {0, 0, counter_of(plan_.task, plan_.index)})
                      .narrow(1, 0, rows);
}

void PhaseRun::make_steps(int64_t from, const BetweenSteps& between_steps) {
    const auto& schedule = plan_.schedule;
    const int64_t count = schedule.steps();
    StepReplay replay(parts_.session, parts_.learner, parts_.mode.make_graph, count - from);
    const auto make = [&](int64_t k) {
        parts_.position = {plan_.task, plan_.index, k};
        parts_.reporter.set_position({plan_.task, plan_.index, k});
        const bool padding = schedule.is_padding(k);
        begin_epoch(k);
        replay.make({plan_.learner_task, static_cast<uint32_t>(plan_.index),
                     static_cast<uint32_t>(plan_.first_step + k)},
                    next_positions(k), padding,
                    [this, padding](const at::Tensor& at) { observe(at, padding); });
        end_epoch(k);
    };
    for (int64_t k = from; k < count; ++k) {
        try {
            make(k);
        } catch (...) {
            flush_what_can_be_read(k);
            throw;
        }
        if (const int64_t point = curve_.advance(); point >= 0) {
            auto [sum, weight] = parts_.session.model().take_train_loss();
            pending_.push_back({point, k + 1, std::move(sum), std::move(weight)});
        }
        if (parts_.continual) parts_.continual->after_step(curve_.done(), k + 1);
        if ((k + 1) % watch_every == 0) {
            parts_.weights.mark_nonfinite(k + 1);
            if (!parts_.mode.defers_reads) flush_measurements(k + 1);
            if (parts_.ledger.all_diverged()) return;
        }
        between_steps(*this, k + 1);
    }
    captured_ = replay.captured();
    called_because_ = replay.reason();
}

void PhaseRun::begin_epoch(int64_t step) {
    if (step % plan_.schedule.steps_per_epoch != 0 || !plan_.begins) return;
    const int64_t epoch = plan_.schedule.epoch_of(step);
    parts_.session.draws().seek({plan_.learner_task, host::phase_begin_epoch,
                                 static_cast<uint32_t>(plan_.index << 24 | epoch)});
    parts_.learner.begin_epoch(plan_.phase, epoch);
}

void PhaseRun::end_epoch(int64_t step) {
    if ((step + 1) % plan_.schedule.steps_per_epoch != 0 || !plan_.ends) return;
    const int64_t epoch = plan_.schedule.epoch_of(step);
    parts_.session.draws().seek({plan_.learner_task, host::phase_end_epoch,
                                 static_cast<uint32_t>(plan_.index << 24 | epoch)});
    parts_.learner.end_epoch(plan_.phase, epoch);
}

at::Tensor PhaseRun::next_positions(int64_t step) {
    if (without_data()) return plan_.order; // nobody reads it
    const auto& schedule = plan_.schedule;
    if (const int64_t epoch = schedule.epoch_of(step); epoch != epoch_) {
        order_ = plan_.order;
        if (!order_.defined())
            order_ = parts_.session.draws().permutation_at(
                "order", schedule.rows,
                {0, static_cast<uint32_t>(epoch), counter_of(plan_.task, plan_.index)});
        if (subset_.defined()) order_ = subset_.gather(1, order_);
        epoch_ = epoch;
    }
    return order_.narrow(1, schedule.first_row(step), schedule.rows_of(step));
}

void PhaseRun::gather(const at::Tensor& positions, host::Rows& rows) {
    auto& batches = parts_.session.batches();
    batches.gather(*plan_.examples, positions, rows);
    // Positions in a union of tasks, or in a piece of a stream, are not positions in the task.
    rows.id = plan_.own ? at::Tensor() : positions.expand({parts_.session.replicas(), -1});
    const auto stored = rows.x;
    batches.augment(rows.x);
    rows.plain = stored.is_same(rows.x) ? at::Tensor() : stored;
}

void PhaseRun::observe(const at::Tensor& positions, bool is_padding) {
    if (without_data()) {
        mneme_batch nothing{};
        nothing.size = sizeof nothing;
        return observe(nothing, nullptr);
    }
    auto& [batch, companion] = buffers_[{positions.size(1), is_padding}];
    gather(positions, batch.rows);
    if (is_padding) {
        host::no_longer_known(batch.rows.weight);
        batch.rows.weight.zero_();
    }
    if (!plan_.phase.companion) return observe(batch.lend(), nullptr);
    gather(parts_.session.draws().sample_without_replacement(
               "second_batch", plan_.examples->data.size(), plan_.schedule.batch_size),
           companion.rows);
    const auto second = companion.lend();
    observe(batch.lend(), &second);
}

void PhaseRun::observe(const mneme_batch& batch, const mneme_batch* companion) {
    if (parts_.observer) parts_.observer->before_step(parts_.learner, parts_.position, batch);
    parts_.learner.observe(batch, companion);
    if (parts_.observer) parts_.observer->after_step(parts_.learner, parts_.position);
}

void PhaseRun::flush_measurements(int64_t steps) {
    PhaseMeasurements m{
        plan_.task, plan_.index, steps, parts_.weights.read(), {}, {}, [this](int64_t step) {
            return plan_.schedule.samples_of(step);
        }};
    std::vector<at::Tensor> noted; // read in one piece: each would be waited for
    for (const auto& p : pending_) noted.push_back(p.sum), noted.push_back(p.weight);
    const auto values = noted.empty() ? at::Tensor() : at::stack(noted).to(at::kCPU);
    const auto replicas = parts_.session.replicas();
    for (std::size_t k = 0; k < pending_.size(); ++k) {
        const double* sum = values.data_ptr<double>() + 2 * static_cast<int64_t>(k) * replicas;
        const double* weight = sum + replicas;
        m.losses.push_back({plan_.task,
                            pending_[k].point,
                            pending_[k].step,
                            {sum, sum + replicas},
                            {weight, weight + replicas}});
    }
    pending_.clear();
    if (parts_.continual) m.evaluations = parts_.continual->take();
    parts_.ledger.record_phase(m);
}

// Where a step failed, perhaps by a device that does not answer: then the failure on its way says
// so.
void PhaseRun::flush_what_can_be_read(int64_t steps) {
    try {
        flush_measurements(steps);
    } catch (const c10::Error&) {
    }
}

} // namespace mneme::harness
