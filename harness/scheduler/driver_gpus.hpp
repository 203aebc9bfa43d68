// SPDX-License-Identifier: Apache-2.0
// What NVIDIA's driver says of the GPUs of this machine, by its management library (NVML).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mneme::scheduler {

struct Gpu {
    std::string name;                       // as CUDA_VISIBLE_DEVICES knows it
    std::optional<std::uint64_t> free = {}; // bytes; nothing: not known
    std::optional<std::size_t> index = {};  // among the GPUs of the machine; a slice has none
};

// GPUs, and in place of one that is cut into slices (MIG) its slices, by their UUIDs, in the
// driver's order. Empty where there is no driver. A child process asks it: a library that fails
// must not take this process along.
std::vector<Gpu> driver_gpus();

} // namespace mneme::scheduler
