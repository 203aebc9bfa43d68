// SPDX-License-Identifier: Apache-2.0
// Where a worker is, step by step, in memory that its parent reads when the worker has died. A
// message for every step would cost more than many steps do.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include <base/descriptor.hpp>

#include <sys/types.h>

namespace mneme::protocol {

class SharedPosition final {
  public:
    struct Value {
        std::int64_t task = 0, phase = 0, step = 0; // all from 0
    };

    // In the worker. Where the system gives no memory for it, positions are written to nowhere.
    SharedPosition();
    // In the parent, while the worker lives: `descriptor` is the worker's (message Positioned).
    static std::optional<SharedPosition> of_worker(pid_t, int descriptor);
    SharedPosition(SharedPosition&&) noexcept;
    SharedPosition& operator=(SharedPosition&&) = delete;
    ~SharedPosition();

    int descriptor() const { return memory_.number(); }
    void write(const Value& at) noexcept {
        cell_->task.store(at.task, std::memory_order_relaxed);
        cell_->phase.store(at.phase, std::memory_order_relaxed);
        cell_->step.store(at.step, std::memory_order_relaxed);
    }
    Value read() const { return {cell_->task, cell_->phase, cell_->step}; }

  private:
    struct Cell {
        std::atomic<std::int64_t> task, phase, step;
    };
    explicit SharedPosition(base::Descriptor memory);
    void map();

    base::Descriptor memory_;
    Cell* cell_ = nullptr;
};

} // namespace mneme::protocol
