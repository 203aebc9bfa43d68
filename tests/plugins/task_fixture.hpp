// SPDX-License-Identifier: Apache-2.0
// A learner that goes through whole tasks, phase by phase, as the harness would lead it, on batches
// made by hand.
#pragma once

#include <algorithm>
#include <limits>

#include "session_fixture.hpp"

namespace mneme::test {

class TaskFixture final {
  public:
    static constexpr int64_t rows = 12; // examples of a task
    using DataByTask = std::map<int64_t, TaskData>;

    static Layout layout(double dropout = 0) {
        return {.hidden = {5}, .seeds = {1, 2}, .dropout = dropout};
    } // 3 inputs, 3 classes, 3 tasks
    static DataByTask data_by_task(const Layout& l) {
        DataByTask out;
        for (std::size_t t = 0; t < l.tasks.size(); ++t)
            out[static_cast<int64_t>(t)] =
                make_task_data(rows, l.features, l.tasks[t], static_cast<uint32_t>(90 + t));
        return out;
    }

    TaskFixture(const Layout& l, const std::string& plugin, const Json& options, const Json& train,
                const DataByTask& data_by_task)
        : fixture(l), train_(train) {
        for (const auto& [t, s] : data_by_task) fixture.set_examples(t, s);
        student_ = std::make_unique<PluginLearner>(fixture, plugin, options, train);
    }
    TaskFixture(const Layout& l, const std::string& plugin, const Json& options, const Json& train)
        : TaskFixture(l, plugin, options, train, data_by_task(l)) {}
    PluginLearner* operator->() { return student_.get(); }

    void task(int64_t t) {
        student_->begin_task(t);
        phases(t);
        student_->end_task(t);
    }
    void phases(int64_t t) {
        uint32_t index = 0;
        for (const auto& p : student_->phases(t)) phase(p, t, index++);
    }
    void phase(const Phase& asked, int64_t t, uint32_t index) {
        const auto p = resolved(asked, t);
        student_->begin_phase(p, t, index);
        steps(p, t, index);
        student_->end_phase(p, t, index);
    }
    void steps(const Phase& asked, int64_t t, uint32_t index, int64_t from = 0,
               int64_t to = std::numeric_limits<int64_t>::max()) {
        const auto p = resolved(asked, t);
        const int64_t given =
            (p.samples + p.batch_size - 1) / p.batch_size; // batches of an epoch that have examples
        for (int64_t k = from; k < std::min(to, p.length()); ++k) {
            if (k % p.steps == 0) student_->begin_epoch(p, t, k / p.steps, index);
            auto b = task_batch(t, static_cast<uint32_t>(40 * index + k));
            if (k % p.steps >= given) b.weight = zeros_like(b.weight);
            student_->observe(b, t, static_cast<uint32_t>(k), nullptr, index);
        }
    }
    Phase resolved(Phase p, int64_t t) const { // as harness/worker does it
        const int64_t all = fixture.task(t).train().size();
        if (p.epochs == 0) p.epochs = train_.at("epochs");
        if (p.batch_size == 0) p.batch_size = train_.at("batch_size");
        if (p.samples == 0 || p.samples > all) p.samples = all;
        if (p.steps == 0) p.steps = (p.samples + p.batch_size - 1) / p.batch_size;
        return p;
    }
    Batch task_batch(int64_t t, uint32_t which) const { // four rows a seed
        const auto& l = fixture.layout();
        const auto n = static_cast<int64_t>(l.seeds.size());
        std::vector<int64_t> y;
        const auto& classes = l.tasks[static_cast<std::size_t>(t)];
        for (int64_t k = 0; k < 4 * n; ++k)
            y.push_back(classes[static_cast<std::size_t>(k * k + which) % classes.size()]);
        return batch(n, numbers(4 * n * l.features, 1000 * static_cast<uint32_t>(t + 1) + which), y,
                     std::vector<int64_t>(y.size(), t));
    }

    SessionFixture fixture;

  private:
    const Json train_;
    std::unique_ptr<PluginLearner> student_;
};

} // namespace mneme::test
