// SPDX-License-Identifier: Apache-2.0
#include "scheduler/gpu_pool.hpp"

#include <algorithm>

namespace mneme::scheduler {

GpuPool::GpuPool(Look look) : look_(std::move(look)), gpus_(look_()), workers_(gpus_.size()) {}

void GpuPool::look_again() {
    for (const Gpu& now : look_())
        for (std::size_t i = 0; i < gpus_.size(); ++i)
            if (gpus_[i].name == now.name && workers_[i] == 0) gpus_[i].free = now.free;
}

std::size_t GpuPool::take() {
    if (gpus_.size() > 1) look_again();
    const bool known = std::all_of(gpus_.begin(), gpus_.end(),
                                   [](const Gpu& gpu) { return gpu.free.has_value(); });
    const auto share = [&](std::size_t gpu) {
        return (known ? double(*gpus_[gpu].free) : 1.0) / double(workers_[gpu] + 1);
    };
    std::size_t best = 0;
    for (std::size_t gpu = 1; gpu < gpus_.size(); ++gpu)
        if (share(gpu) > share(best)) best = gpu;
    ++workers_.at(best);
    return best;
}

void GpuPool::give_back(std::size_t gpu) { --workers_.at(gpu); }

} // namespace mneme::scheduler
