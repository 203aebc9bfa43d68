// SPDX-License-Identifier: Apache-2.0
// What the tests of `importance` share: a learner, three tasks' data, and the batches of each.
#pragma once

#include <string>
#include <vector>

#include "plugin_batches.hpp"

namespace mneme::test {

using Vector = std::vector<double>;
inline const std::vector<std::string> measures = {"si",   "siu",   "sib", "sos",    "mas", "mas2",
                                                  "masx", "masx2", "af",  "fisher", "rf"};
inline const Json adam = {{"lr", 0.01}, {"batch_size", 4}},
                  plain = {{"optimizer", "sgd"}, {"lr", 0.25}};

constexpr int64_t rows = 18;
inline const Layout layout{.features = 3, .hidden = {4}, .seeds = {1, 2}};

inline Batch task_batch(int64_t t, uint32_t k) {
    return batch(2, numbers(2 * 4 * 3, 20 + static_cast<uint32_t>(t) * 10 + k),
                 {0, 1, 2, 0, 2, 1, 1, 0}, std::vector<int64_t>(8, t));
}
inline Batch second(int64_t t, uint32_t k) { // the independent batch
    return batch(2, numbers(2 * 4 * 3, 520 + static_cast<uint32_t>(t) * 10 + k),
                 {1, 1, 2, 0, 0, 2, 1, 2}, std::vector<int64_t>(8, t));
}
inline TaskData data(int64_t t, const std::vector<int64_t>& classes = {0, 1, 2}) {
    return make_task_data(rows, 3, classes, static_cast<uint32_t>(50 + t));
}

struct Course { // a learner and three tasks' data
    explicit Course(const std::string& plugin, const Json& options, const Json& train = adam,
                    const Layout& on = layout)
        : fixture(on), learner((set_examples(), fixture), plugin, options, train) {}
    void set_examples() {
        for (int64_t t = 0; t < 3; ++t)
            fixture.set_examples(t, data(t, fixture.layout().tasks[static_cast<std::size_t>(t)]));
    }
    bool companion(int64_t t) { return learner.phases(t).at(0).companion; }
    void observe(int64_t t, uint32_t k, bool two) {
        const auto other = second(t, k);
        learner.observe(task_batch(t, k), t, k, two ? &other : nullptr);
    }
    void task(int64_t t, uint32_t steps = 5) {
        learner.begin_task(t);
        const bool two = companion(t);
        for (uint32_t k = 0; k < steps; ++k) observe(t, k, two);
        learner.end_task(t);
    }
    Vector gradient(const Vector& theta, const Batch& b) const { // without dropout
        const Weights w{tensor(theta, {2, fixture.net().columns()}, DType::float32),
                        fixture.net().initial().stats};
        return fixture.net().gradient(w, b, Mode::eval).to_vector();
    }
    Vector omega() const { return learner.state().at("omega"); }

    SessionFixture fixture;
    PluginLearner learner;
};

} // namespace mneme::test
