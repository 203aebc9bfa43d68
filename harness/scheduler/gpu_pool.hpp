// SPDX-License-Identifier: Apache-2.0
// Which GPU a worker is given.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "scheduler/driver_gpus.hpp"

namespace mneme::scheduler {

// A worker needs its memory some seconds after it was started: how much is free counts as it was
// before the first of ours, and is shared out equally. Where it is not known of one, all are taken
// to be alike.
class GpuPool final {
  public:
    using Look = std::function<std::vector<Gpu>()>; // the same GPUs at each call

    GpuPool() = default;
    explicit GpuPool(Look);

    bool empty() const { return gpus_.empty(); }
    const std::string& name(std::size_t gpu) const { return gpus_.at(gpu).name; }

    std::size_t take(); // that with the most free memory for a further worker; the first of equals
    void give_back(std::size_t gpu);

  private:
    void look_again();

    Look look_;
    std::vector<Gpu> gpus_;
    std::vector<std::size_t> workers_; // of ours, on each
};

} // namespace mneme::scheduler
