// SPDX-License-Identifier: Apache-2.0
// Rows that a test can tell apart, and what a replay memory holds of them.
#pragma once

#include <set>
#include <tuple>

#include "session_fixture.hpp"

namespace mneme::test {

// A stored row is known by its only input: a number of its own.
using Rows = std::multiset<std::tuple<double, double, double>>; // input, label, task

inline std::vector<Rows> rows_of(const Batch& b, bool empty_too = false) {
    const auto x = b.x.to_vector(), y = b.y.to_vector(), task = b.task.to_vector(),
               weight = b.weight.to_vector();
    const auto n = static_cast<std::size_t>(b.rows());
    std::vector<Rows> out(y.size() / n);
    for (std::size_t k = 0; k < y.size(); ++k)
        if (empty_too || weight[k] > 0) out[k / n].insert({x[k], y[k], task[k]});
    return out;
}

inline Layout line(int64_t replicas) { // one input, classes 0 to 2
    Layout l{.features = 1, .seeds = {}};
    for (int64_t s = 1; s <= replicas; ++s) l.seeds.push_back(s);
    return l;
}

// Rows first, first + 1, ... of a stream that every replica sees.
inline Batch passing(int64_t replicas, int64_t first, const std::vector<int64_t>& labels,
                     int64_t task, const std::vector<double>& weight = {}) {
    std::vector<double> x, w;
    std::vector<int64_t> y, t;
    for (int64_t s = 0; s < replicas; ++s)
        for (std::size_t k = 0; k < labels.size(); ++k) {
            x.push_back(static_cast<double>(first) + static_cast<double>(k)),
                y.push_back(labels[k]), t.push_back(task);
            w.push_back(weight.empty() ? 1 : weight[k]);
        }
    return batch(replicas, x, y, t, w);
}

// A tensor that the memory keeps, by the name under which a checkpoint has it.
inline std::vector<double> kept(ReplayMemory& memory, const std::string& name) {
    struct Visit {
        std::string name;
        std::vector<double> values;
        static int32_t tensor(void* self, const char* name, mneme_tensor** value, mneme_status*) {
            auto& me = *static_cast<Visit*>(self);
            if (me.name == name && *value) me.values = Tensor::borrow(*value).to_vector();
            return MNEME_OK;
        }
    } visit{name, {}};
    const mneme_state raw{sizeof(mneme_state), 0, &visit, Visit::tensor, nullptr, nullptr};
    State state(&raw);
    memory.state(state);
    return visit.values;
}

} // namespace mneme::test
