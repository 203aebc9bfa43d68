// SPDX-License-Identifier: Apache-2.0
// What the proofs of MC-SGD share: a toy setting, and a learner in the line phase of the second
// task.
#pragma once

#include "plugin_batches.hpp"
#include "task_fixture.hpp"

namespace mneme::test {

inline const Json plain_train{
    {"lr", 0.2}, {"lr_decay", 0.7}, {"momentum", 0.6}, {"batch_size", 4}, {"epochs", 2}};
inline const Json small{{"current_samples", 10}, {"line_batch", 4}, {"points", 3}};

inline Json with(Json options, const Json& more) {
    options.update(more);
    return options;
}

inline Layout one_seed() {
    auto l = TaskFixture::layout();
    l.seeds = {4};
    return l;
}

// At the start of the line phase of the second task.
struct OnLine {
    explicit OnLine(const Json& options, const Layout& layout = TaskFixture::layout())
        : fixture(layout, "mcsgd", with({{"lr_line", 1}, {"line_momentum", 0}}, options),
                  plain_train) {
        fixture.task(0);
        fixture->begin_task(1);
        const auto phases = fixture->phases(1);
        fixture.phase(phases[0], 1, 0);
        fixture->begin_phase(line = fixture.resolved(phases[1], 1), 1, 1);
    }
    std::vector<double> gradient(const Batch& current) { // of one step, at the weights and with the
                                                         // memory batch that `before` tells
        before = fixture->state();
        fixture->observe(current, 1, 0, nullptr, 1);
        auto g = before["weights.theta"];
        const auto after = fixture->theta();
        for (std::size_t k = 0; k < g.size(); ++k) g[k] -= after[k];
        return g;
    }
    TaskFixture fixture;
    Phase line;
    std::map<std::string, std::vector<double>> before;
};

} // namespace mneme::test
