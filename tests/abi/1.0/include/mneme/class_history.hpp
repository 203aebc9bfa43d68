// SPDX-License-Identifier: Apache-2.0
// Which classes have come so far, as masks over the C logits: for losses that treat the classes of
// earlier tasks in another way, and heads whose rows wait for their class.
#pragma once

#include <cstdint>
#include <vector>

#include <mneme/net.hpp>
#include <mneme/state.hpp>
#include <mneme/task.hpp>

namespace mneme {

// [C] bool: these classes.
inline Tensor class_mask(const Net& net, const std::vector<int64_t>& classes) {
    const auto n = static_cast<int64_t>(classes.size());
    return (range(net.classes()).unsqueeze(1) == Tensor::of(classes, {1, n})).any(1);
}

class ClassHistory final {
  public:
    explicit ClassHistory(const Net& net)
        : earlier_(range(net.classes()) < 0), current_(earlier_.clone()),
          trained_(net.real() && !net.head_columns()) {}

    // At a task's start.
    void begin(const Net& net, const Task& task) {
        earlier_ = earlier_ || current_;
        current_ = class_mask(net, task.classes);
        trained_ = trained_ || net.head_columns(task.classes);
    }

    const Tensor& earlier() const { return earlier_; } // [C] bool: of the tasks before this one
    const Tensor& current() const { return current_; } // [C] bool: of the task under way
    Tensor seen() const { return earlier_ || current_; }
    // [C] bool: those of this task that no task before had.
    Tensor fresh() const { return current_ && !earlier_; }
    // Of the classes so far, the share that this task does not have. Reads values, as count does.
    double old_share() const {
        return static_cast<double>(count(earlier_ && !current_)) /
               static_cast<double>(count(seen()));
    }
    static int64_t count(const Tensor& mask) { return static_cast<int64_t>(mask.sum().item()); }

    // [1, P] bool, a mask for a step: all columns but the head's rows of classes to come, which
    // wait, without decay, for their class's task.
    const Tensor& trained() const { return trained_; }

    void state(State& s) {
        s("earlier", earlier_);
        s("current", current_);
        s("~trained", trained_);
    }

  private:
    Tensor earlier_, current_, trained_;
};

} // namespace mneme
