// SPDX-License-Identifier: Apache-2.0
// What the tests of `importance` share: a learner, three tasks' data, and the batches of each.
#pragma once

#include <string>
#include <vector>

#include "lessons.hpp"

namespace mneme::test {

using Vector = std::vector<double>;
inline const std::vector<std::string> measures = {"si",   "siu",   "sib", "sos",    "mas", "mas2",
                                                  "masx", "masx2", "af",  "fisher", "rf"};
inline const Json adam = {{"lr", 0.01}, {"batch_size", 4}},
                  plain = {{"optimizer", "sgd"}, {"lr", 0.25}};

constexpr int64_t rows = 18;
inline const Layout layout{.features = 3, .hidden = {4}, .seeds = {1, 2}};

inline Batch lesson(int64_t t, uint32_t k) {
    return batch(2, numbers(2 * 4 * 3, 20 + static_cast<uint32_t>(t) * 10 + k),
                 {0, 1, 2, 0, 2, 1, 1, 0}, std::vector<int64_t>(8, t));
}
inline Batch second(int64_t t, uint32_t k) { // the independent batch
    return batch(2, numbers(2 * 4 * 3, 520 + static_cast<uint32_t>(t) * 10 + k),
                 {1, 1, 2, 0, 0, 2, 1, 2}, std::vector<int64_t>(8, t));
}
inline Sheet data(int64_t t, const std::vector<int64_t>& classes = {0, 1, 2}) {
    return sheet(rows, 3, classes, static_cast<uint32_t>(50 + t));
}

struct Course { // a learner and three tasks' data
    explicit Course(const std::string& plugin, const Json& options, const Json& train = adam,
                    const Layout& on = layout)
        : desk(on), student((lay(), desk), plugin, options, train) {}
    void lay() {
        for (int64_t t = 0; t < 3; ++t)
            desk.lay(t, data(t, desk.layout().tasks[static_cast<std::size_t>(t)]));
    }
    bool companion(int64_t t) { return student.phases(t).at(0).companion; }
    void observe(int64_t t, uint32_t k, bool two) {
        const auto other = second(t, k);
        student.observe(lesson(t, k), t, k, two ? &other : nullptr);
    }
    void task(int64_t t, uint32_t steps = 5) {
        student.begin_task(t);
        const bool two = companion(t);
        for (uint32_t k = 0; k < steps; ++k) observe(t, k, two);
        student.end_task(t);
    }
    Vector gradient(const Vector& theta, const Batch& b) const { // without dropout
        const Weights w{tensor(theta, {2, desk.net().columns()}, DType::float32),
                        desk.net().initial().stats};
        return desk.net().gradient(w, b, Mode::eval).to_vector();
    }
    Vector omega() const { return student.state().at("omega"); }

    Desk desk;
    Student student;
};

} // namespace mneme::test
