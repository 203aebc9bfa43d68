// SPDX-License-Identifier: Apache-2.0
// How a phase becomes steps: its length, its batches, its draws.
#include <algorithm>

#include <base/error.hpp>
#include <mneme/error.hpp>

#include "host/ones.hpp"
#include "worker/commands.hpp"
#include "worker/stretch.hpp"

namespace mneme::harness {

namespace {

constexpr int64_t watch_every = 100; // steps between two looks at the weights

} // namespace

std::vector<std::unique_ptr<Runner::Stretch>> Runner::stretches(
    int64_t task, const std::vector<mneme_phase>& phases) {
    std::vector<std::unique_ptr<Stretch>> list;
    double passes = 0; // of the task's own examples
    for (std::size_t p = 0; p < phases.size(); ++p) {
        auto owned = std::make_unique<Stretch>();
        auto& s = *owned;
        s.phase = phases[p];
        s.task = task;
        s.index = static_cast<int64_t>(p);
        s.batch = s.phase.batch_size > 0 ? s.phase.batch_size : train_["batch_size"].get<int64_t>();
        s.epochs = s.phase.epochs > 0 ? s.phase.epochs : train_["epochs"].get<int64_t>();
        if (s.phase.data == MNEME_SEEN_TASKS) {
            if (!(method_.flags & MNEME_ORACLE))
                throw Error(std::string(method_.id) +
                                ", phases: asks for seen tasks; only a method flagged oracle may",
                            MNEME_ARGUMENT);
            std::vector<at::Tensor> x, y, t;
            s.own = std::make_unique<mneme_examples>(mneme_examples{session_.get(), {}, {}, {}});
            const bool own = std::any_of(seen_.begin(), seen_.end(),
                                         [](const auto& e) { return e->data.x.dim() == 3; });
            for (const auto& e :
                 seen_) { // a task that all seeds see alike joins tasks of which each has its own
                const bool shared = own && e->data.x.dim() == 2;
                x.push_back(shared ? e->data.x.unsqueeze(0).expand({session_->replicas(), -1, -1})
                                   : e->data.x);
                y.push_back(e->data.y), t.push_back(e->task);
                s.own->classes.insert(s.own->classes.end(), e->classes.begin(), e->classes.end());
            }
            s.own->data = {x.size() == 1 ? x[0] : at::cat(x, -2), at::cat(y)};
            s.own->task = at::cat(t);
            s.examples = s.own.get();
        } else {
            s.examples = current_ ? current_.get() : seen_.back().get();
        }
        if (s.without_data()) {
            list.push_back(resolved_without_data(std::move(owned)));
            continue;
        }
        const int64_t all = s.examples->data.size();
        s.rows = s.phase.samples > 0 && s.phase.samples < all ? s.phase.samples : all;
        s.per_epoch =
            train_.value("drop_last", false) ? s.rows / s.batch : (s.rows + s.batch - 1) / s.batch;
        s.each = s.phase.steps > 0 ? s.phase.steps : s.per_epoch;
        s.steps = s.epochs * s.each;
        if (s.steps == 0 || s.per_epoch == 0)
            throw base::ExitError(base::ExitCode::bad_input,
                                  "batch_size is " + std::to_string(s.batch) +
                                      " and the task has " + std::to_string(s.rows) +
                                      " examples: no step would be made; use a smaller batch_size "
                                      "or drop_last = false");
        if (s.phase.data != MNEME_SEEN_TASKS)
            passes += static_cast<double>(s.epochs * std::min(s.rows, s.each * s.batch)) /
                      static_cast<double>(s.examples->data.size());
        if (cell_.spec().stream.online && passes > 1 + 1e-9)
            throw base::ExitError(base::ExitCode::bad_input,
                                  std::string(method_.id) +
                                      ", phases: passes the task's examples " +
                                      protocol::canonical(passes) +
                                      " times, and the stream is online; pass them once");
        s.phase.epochs = s.epochs, s.phase.batch_size = s.batch, s.phase.samples = s.rows,
        s.phase.steps = s.each;
        list.push_back(std::move(owned));
    }
    return list;
}

// A phase in which the learner gets no batch: its length is its own to say.
std::unique_ptr<Runner::Stretch> Runner::resolved_without_data(
    std::unique_ptr<Stretch> owned) const {
    auto& s = *owned;
    if (s.phase.steps < 1 || s.phase.companion)
        throw Error(std::string(method_.id) +
                        ", phases: a phase without data has no number of steps of its own, or asks "
                        "for a second batch; set steps, and no companion",
                    MNEME_ARGUMENT);
    s.each = s.phase.steps, s.steps = s.epochs * s.each;
    s.order = at::zeros({1, 1}, at::device(device_).dtype(at::kLong)); // nobody reads it
    s.phase.epochs = s.epochs, s.phase.batch_size = 0, s.phase.samples = 0;
    return owned;
}

void Runner::begin_epoch(const Stretch& s, int64_t step) {
    if (step % s.each != 0 || !s.opens) return;
    session_->stand_at({s.told(), host::phase_begin_epoch, s.epoch_counter(step)});
    learner_->begin_epoch(s.phase, step / s.each);
}

void Runner::end_epoch(const Stretch& s, int64_t step) {
    if ((step + 1) % s.each != 0 || !s.closes) return;
    session_->stand_at({s.told(), host::phase_end_epoch, s.epoch_counter(step)});
    learner_->end_epoch(s.phase, step / s.each);
}

void Runner::run_phase(Stretch& s, int64_t from_step) {
    const auto phase = static_cast<uint32_t>(s.index);
    if (from_step < 0 && s.opens) {
        session_->stand_at({s.told(), phase, host::step_begin});
        learner_->begin_phase(s.phase);
    }
    from_step = std::max<int64_t>(from_step, 0);
    if (!s.without_data() && s.rows < s.examples->data.size())
        s.subset = session_
                       ->permutation_at("subset", s.examples->data.size(),
                                        {0, 0, static_cast<uint32_t>(s.task) * 256 + phase})
                       .narrow(1, 0, s.rows);
    steps_done_ += from_step;
    billed_ = from_step;
    died_.fill_(-1);
    auto announced = where("train", s.task);
    announced.phase = s.phase.name, announced.step = from_step, announced.steps = s.steps;
    reporter_.progress(announced);
    Steps steps(*session_, *learner_, driving_.graph, s.steps - from_step);
    const auto step = [&](int64_t k) {
        here_ = {s.task, s.index, k};
        begin_epoch(s, k);
        steps.make({s.told(), phase, static_cast<uint32_t>(s.first_step + k)}, next_positions(s, k),
                   s.spent(k),
                   [this, &s, spent = s.spent(k)](const at::Tensor& at) { observe(s, at, spent); });
        end_epoch(s, k);
    };
    for (int64_t k = from_step; k < s.steps; ++k) {
        try {
            step(k);
        } catch (...) {
            settle_what_can_be(s, k);
            throw;
        }
        const int64_t before = steps_done_ * curve_points / steps_of_task_,
                      after = ++steps_done_ * curve_points / steps_of_task_;
        if (after > before) curve_point(s.task, after - 1, k + 1);
        if ((k + 1) % watch_every == 0) {
            look(k + 1);
            if (!driving_.asks_late) settle(s, k + 1);
            if (all_diverged()) return;
        }
        if (reporter_.due()) {
            announced.step = k + 1;
            reporter_.progress(announced);
        }
        if (asked_to_stop || now() - last_checkpoint_ > checkpoint_every_s_) {
            settle(s, k + 1);
            checkpoint({s.task, s.index, k + 1});
        }
    }
    if (s.closes) {
        session_->stand_at({s.told(), phase, host::step_end});
        learner_->end_phase(s.phase);
    }
    look(s.steps);
    settle(s, s.steps);
    recorded_ |= steps.recorded();
    if (!steps.reason().empty()) called_[s.phase.name] = steps.reason();
}

at::Tensor Runner::next_positions(Stretch& s, int64_t step) {
    if (s.without_data()) return s.order;
    const int64_t epoch = step / s.each;
    if (epoch != s.epoch) {
        s.order = session_->permutation_at(
            "order", s.rows,
            {0, static_cast<uint32_t>(epoch),
             static_cast<uint32_t>(s.task) * 256 + static_cast<uint32_t>(s.index)});
        if (s.subset.defined()) s.order = s.subset.gather(1, s.order);
        s.epoch = epoch;
    }
    return s.order.narrow(1, s.first_of(step), s.rows_of(step));
}

void Runner::observe_nothing() {
    mneme_batch nothing{};
    nothing.size = sizeof nothing;
    if (onlooker_) onlooker_->before_step(*learner_, here_, nothing);
    learner_->observe(nothing, nullptr);
    if (onlooker_) onlooker_->after_step(*learner_, here_);
}

void Runner::gather(const Stretch& s, const at::Tensor& positions, Hand& to) {
    session_->gather(*s.examples, positions, to.x, to.y, to.task, to.weight);
    // Positions in a union of tasks, or in a piece of a stream, are no positions in the task.
    to.id = s.own ? at::Tensor() : positions.expand({session_->replicas(), -1});
    const auto stored = to.x;
    session_->augment(to.x);
    to.plain = stored.is_same(to.x) ? at::Tensor() : stored;
}

void Runner::observe(Stretch& s, const at::Tensor& positions, bool spent) {
    if (s.without_data()) return observe_nothing();
    auto& [b, c] = s.hands[{positions.size(1), spent}];
    gather(s, positions, b);
    if (spent) {
        host::no_longer_known(b.weight);
        b.weight.zero_();
    }
    mneme_batch companion{};
    if (s.phase.companion) {
        gather(s, session_->few("second_batch", s.examples->data.size(), s.batch), c);
        companion = c.lend();
    }
    const auto batch = b.lend();
    if (onlooker_) onlooker_->before_step(*learner_, here_, batch);
    learner_->observe(batch, s.phase.companion ? &companion : nullptr);
    if (onlooker_) onlooker_->after_step(*learner_, here_);
}

} // namespace mneme::harness
