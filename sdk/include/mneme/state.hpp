// SPDX-License-Identifier: Apache-2.0
// Everything that a learner keeps between two steps, visited by name: for checkpoints, for the bill
// of memory, and to compare two learners.
#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include <mneme/batch.hpp>

namespace mneme {

// Visit the same names in the same order every time, undefined tensors included. Saving reads the
// values; loading replaces and resizes. A name that begins with ~ is working space: saved like the
// others, but not counted as memory kept between tasks.
class State final {
  public:
    explicit State(const mneme_state* state, std::string prefix = {})
        : state_(state), prefix_(std::move(prefix)) {}
    bool loading() const { return state_->loading != 0; }

    void operator()(const char* name, Tensor& value) {
        mneme_tensor* handle = value.release();
        try {
            border::call(state_->tensor, state_->self, full(name).c_str(), &handle);
        } catch (...) {
            value = Tensor(handle);
            throw;
        }
        value = Tensor(handle);
    }
    void operator()(const char* name, int64_t& value) {
        border::call(state_->integer, state_->self, full(name).c_str(), &value);
    }
    void operator()(const char* name, double& value) {
        border::call(state_->real, state_->self, full(name).c_str(), &value);
    }
    void operator()(const char* name, bool& value) {
        int64_t whole = value;
        (*this)(name, whole);
        value = whole != 0;
    }
    void operator()(const char* name, Weights& value) {
        State inner(state_, full(name) + ".");
        inner("theta", value.theta);
        inner("stats", value.stats);
    }
    void operator()(const char* name, Batch& value) {
        State inner(state_, full(name) + ".");
        inner("x", value.x);
        inner("y", value.y);
        inner("task", value.task);
        inner("weight", value.weight);
    }
    void operator()(const char* name, std::vector<Tensor>& values) {
        State inner(state_, full(name) + ".");
        auto count = static_cast<int64_t>(values.size());
        inner("size", count);
        values.resize(static_cast<std::size_t>(count));
        for (std::size_t k = 0; k < values.size(); ++k) inner(std::to_string(k).c_str(), values[k]);
    }
    template <class T>
    requires std::is_same_v<T, int64_t> || std::is_same_v<T, double>
    void operator()(const char* name, std::vector<T>& values) {
        State inner(state_, full(name) + ".");
        auto count = static_cast<int64_t>(values.size());
        inner("size", count);
        values.resize(static_cast<std::size_t>(count));
        for (std::size_t k = 0; k < values.size(); ++k) inner(std::to_string(k).c_str(), values[k]);
    }
    // Any part with a `state(State&)` of its own.
    template <class T>
    requires requires(T& part, State& s) { part.state(s); }
    void operator()(const char* name, T& part) {
        State inner(state_, full(name) + ".");
        part.state(inner);
    }

  private:
    std::string full(const char* name) const { return prefix_ + name; }
    const mneme_state* state_;
    std::string prefix_;
};

} // namespace mneme
