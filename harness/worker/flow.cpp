// SPDX-License-Identifier: Apache-2.0
// A stream that announces no task. The learner is told of one task, begins and ends it once, and
// passes it once in one phase; every row of a batch is of that task. The harness alone knows where
// the tasks end: there it looks at the clock and evaluates.
#include <algorithm>

#include <base/error.hpp>

#include "worker/stretch.hpp"

namespace mneme::harness {

namespace {

mneme_phase only_phase(const char* method, const std::vector<mneme_phase>& phases,
                       int64_t train_epochs) {
    const auto wrong = [&](const std::string& what) {
        throw base::ExitError(base::ExitCode::bad_input,
                              std::string(method) + ", phases: " + what +
                                  ", on a stream without announced tasks; use one phase that "
                                  "passes the task once");
    };
    if (phases.size() != 1) wrong("asks for " + std::to_string(phases.size()) + " phases");
    const auto& p = phases[0];
    if (p.data != MNEME_THIS_TASK) wrong("asks for seen tasks");
    if ((p.epochs > 0 ? p.epochs : train_epochs) > 1 || p.samples > 0 || p.steps > 0 || p.companion)
        wrong("asks for epochs, samples, steps or a second batch");
    return p;
}

int64_t steps_to(int64_t examples, int64_t batch) { return (examples + batch - 1) / batch; }

} // namespace

std::vector<bench::Flow> Runner::flows() const {
    std::vector<std::vector<std::vector<int64_t>>> orders(blocks_.size()); // of each replica
    for (int64_t t = 0; t < stream_->tasks(); ++t)
        for (std::size_t r = 0; r < blocks_.size(); ++r)
            orders[r].push_back(first_order(static_cast<int64_t>(r), t));
    std::vector<bench::Flow> all;
    for (std::size_t r = 0; r < blocks_.size(); ++r)
        all.push_back(bench::flow(orders[r], cell_.spec().stream.blur, cell_.runs[r].seed));
    return all;
}

std::unique_ptr<mneme_examples> Runner::joined(int64_t first, int64_t last) const {
    std::vector<at::Tensor> x, y;
    bool own = false;
    for (int64_t t = first; t <= last; ++t) {
        const auto e = stream_->train(t);
        x.push_back(e.x), y.push_back(e.y);
        own |= e.x.dim() == 3;
    }
    for (auto& part : x) // a task that all seeds see alike joins tasks of which each has its own
        if (own && part.dim() == 2) part = part.unsqueeze(0).expand({session_->replicas(), -1, -1});
    auto all = std::make_unique<mneme_examples>(mneme_examples{session_.get(), {}, {}, {}});
    all->data = {x.size() == 1 ? x[0].contiguous() : at::cat(x, -2), at::cat(y)};
    all->task = at::zeros({all->data.size()},
                          at::device(device_).dtype(at::kLong)); // which one is not told
    return all;
}

// The steps from where the task before ended to where this one does: up to the batch with its last
// example, or what came instead of it.
std::unique_ptr<Runner::Stretch> Runner::piece(const std::vector<bench::Flow>& flows, int64_t task,
                                               const mneme_phase& phase) {
    auto owned = std::make_unique<Stretch>();
    auto& s = *owned;
    const int64_t all = static_cast<int64_t>(flows[0].row.size()), last = stream_->tasks() - 1;
    int64_t before = 0; // examples of the tasks before
    for (int64_t t = 0; t < task; ++t) before += stream_->task(t).train_count;
    s.phase = phase, s.task = task, s.index = 0, s.told_task = 0;
    s.batch = phase.batch_size > 0 ? phase.batch_size : train_["batch_size"].get<int64_t>();
    const bool drop_last = train_.value("drop_last", false);
    const int64_t whole = drop_last ? all / s.batch : steps_to(all, s.batch);
    s.first_step = steps_to(before, s.batch);
    const int64_t end_step =
        task == last ? whole
                     : std::min(whole, steps_to(before + stream_->task(task).train_count, s.batch));
    s.steps = s.each = s.per_epoch = std::max<int64_t>(0, end_step - s.first_step);
    s.opens = task == 0, s.closes = task == last;
    s.epochs = 1, s.epoch = 0;
    s.phase.epochs = 1, s.phase.batch_size = s.batch, s.phase.samples = all, s.phase.steps = whole;
    if (whole == 0)
        throw base::ExitError(base::ExitCode::bad_input,
                              "batch_size is " + std::to_string(s.batch) + " and the stream has " +
                                  std::to_string(all) +
                                  " examples: no step would be made; use a smaller batch_size or "
                                  "drop_last = false");
    if (s.steps == 0) { // a task so small that it ended within another's batch
        s.examples = current_.get(), s.rows = 1;
        return owned;
    }

    const int64_t begin = s.first_step * s.batch;
    s.rows = std::min(all, end_step * s.batch) - begin;
    int32_t lowest = static_cast<int32_t>(last), highest = 0;
    for (const auto& flow : flows) {
        const auto [low, high] =
            std::minmax_element(flow.task.begin() + begin, flow.task.begin() + begin + s.rows);
        lowest = std::min(lowest, *low), highest = std::max(highest, *high);
    }
    std::vector<int64_t> offset{0}; // of each task from the lowest, among the joined examples
    for (int64_t t = lowest; t < highest; ++t)
        offset.push_back(offset.back() + stream_->task(t).train_count);
    auto order = at::empty({session_->replicas(), s.rows}, at::kLong);
    for (std::size_t r = 0; r < flows.size(); ++r)
        for (int64_t k = 0; k < s.rows; ++k) {
            const auto at = idx(begin + k);
            order.data_ptr<int64_t>()[static_cast<int64_t>(r) * s.rows + k] =
                offset[idx(flows[r].task[at] - lowest)] + flows[r].row[at];
        }
    s.order = order.to(device_);
    s.own = joined(lowest, highest);
    s.examples = s.own.get();
    session_->begin_task(
        std::max<int64_t>(task, highest)); // the classes of what has come so far count
    return owned;
}

void Runner::run_flow() {
    const auto all = flows();
    const auto& scenario = cell_.spec().scenario;
    current_ =
        std::make_unique<mneme_examples>(mneme_examples{session_.get(), stream_->train(0), {}, {}});
    auto& one =
        current_->data; // an example, for shapes: what else will come is not to be had beforehand
    one = {one.x.narrow(-2, 0, 1).contiguous(), one.y.narrow(0, 0, 1)};
    current_->task = at::zeros({1}, at::device(device_).dtype(at::kLong));
    for (int64_t t = 0; t < stream_->tasks(); ++t)
        for (int64_t c : stream_->task(t).classes)
            if (t == 0 || scenario.kind == "class") current_->classes.push_back(c);
    const host::TaskView view(0, 1, *current_);
    for (int64_t t = resumed_.task; t < stream_->tasks() && !all_diverged(); ++t) {
        const bool resumed = t == resumed_.task && resumed_.phase >= 0;
        here_ = {t, -1, 0};
        const double started = now();
        if (t == 0 && !resumed) {
            session_->begin_task(0);
            learner_->begin_task(view);
        }
        auto s =
            piece(all, t,
                  only_phase(method_.id, learner_->phases(view), train_["epochs"].get<int64_t>()));
        steps_of_task_ = s->steps, steps_done_ = 0;
        run_phase(*s, resumed ? resumed_.step : -1);
        for (std::size_t r = 0; r < blocks_.size(); ++r)
            if (!diverged_[r]) raise(blocks_[r].train_seconds.at({0, 0, idx(t)}), now() - started);
        if (all_diverged()) return;
        if (s->closes) {
            learner_->end_task(view);
            look(0);
            bury(t, -1);
            if (onlooker_) onlooker_->after_task(*learner_, t);
        }
        bill(t);
        evaluate(t);
        if (!s->closes) checkpoint({t + 1, -1, 0});
    }
}

} // namespace mneme::harness
