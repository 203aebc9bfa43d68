// SPDX-License-Identifier: Apache-2.0
// What the proofs of supermasks share: a stream of a few batches a phase, taught by hand, and masks
// by brute force.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "reference.hpp"

namespace mneme::test {

using Vector = std::vector<double>;

inline Layout stream(const std::vector<int64_t>& seeds = {1, 2}, int64_t tasks = 3) {
    return {.features = 12,
            .hidden = {20, 10},
            .seeds = seeds,
            .scenario = "task",
            .classes = 3,
            .tasks = std::vector<std::vector<int64_t>>(static_cast<std::size_t>(tasks), {0, 1, 2}),
            .bias = false,
            .shared_head = true};
}

// A stream of a few batches a phase, taught by hand.
class Course final {
  public:
    explicit Course(const std::string& plugin, const Json& options, const Layout& l = stream(),
                    const Json& train = Json::object())
        : fixture(l), learner(fixture, plugin, options, train) {
        for (std::size_t t = 0; t < l.tasks.size(); ++t)
            fixture.set_examples(static_cast<int64_t>(t), make_task_data(60, 12, {0, 1, 2}, 5));
    }
    static constexpr int64_t steps = 6;

    Batch task_batch(int64_t task,
                     int64_t step) const { // labels that the task's own direction tells
        const auto n = static_cast<int64_t>(fixture.layout().seeds.size());
        const auto x = numbers(n * 8 * 12, static_cast<uint32_t>(100 * task + step));
        Vector labels;
        std::vector<int64_t> y;
        for (int64_t row = 0; row < n * 8; ++row) {
            const double v = x[static_cast<std::size_t>(row * 12 + task)];
            y.push_back(v < -0.4 ? 0 : v < 0.4 ? 1 : 2);
        }
        return batch(n, x, y, std::vector<int64_t>(y.size(), task));
    }
    void phase(int64_t task, std::size_t index, int64_t from = 0, int64_t until = steps) {
        auto list = learner.phases(task);
        auto p = list.at(index);
        p.steps = steps, p.epochs = 1;
        const auto at = static_cast<uint32_t>(index);
        if (from == 0) learner.begin_phase(p, task, at);
        for (int64_t k = from; k < until; ++k)
            learner.observe(task_batch(task, k), task, static_cast<uint32_t>(k), nullptr, at);
        if (until == steps) learner.end_phase(p, task, at);
    }
    void teach(int64_t task) {
        learner.begin_task(task);
        const auto phases = learner.phases(task).size();
        for (std::size_t p = 0; p < phases; ++p) phase(task, p);
        learner.end_task(task);
    }
    Vector answers(int64_t task) { return learner.predict(task_batch(0, 77).x, task).to_vector(); }
    std::vector<bool> mask(int64_t task) const { // [S * P], from the bits that are kept
        std::vector<bool> out;
        const auto state = learner.state();
        for (double byte : state.at("masks.bits." + std::to_string(task)))
            for (int bit = 0; bit < 8; ++bit) out.push_back((static_cast<int>(byte) >> bit) & 1);
        return out;
    }

    SessionFixture fixture;
    PluginLearner learner;
};

inline const Json brief = {{"mask_epochs", 1},
                           {"weight_epochs", 1},
                           {"density", 0.3},
                           {"mask_lr", 0.05},
                           {"weight_lr", 0.05}};
inline Json with(Json options, const Json& more) {
    options.update(more);
    return options;
}
inline Json supsup(Json options) {
    options.erase("weight_epochs"), options.erase("weight_lr");
    return options;
}

inline std::vector<bool> brute(const Vector& a, int64_t k) { // of equal entries the last
    std::vector<std::size_t> order(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t i, std::size_t j) { return a[i] < a[j]; });
    std::vector<bool> out(a.size(), false);
    for (std::size_t i = a.size() - static_cast<std::size_t>(k); i < a.size(); ++i)
        out[order[i]] = true;
    return out;
}

inline std::vector<bool> flags(const Tensor& t) {
    std::vector<bool> out;
    for (double v : t.to_vector()) out.push_back(v != 0);
    return out;
}

} // namespace mneme::test
