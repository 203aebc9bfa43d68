// SPDX-License-Identifier: Apache-2.0
// Which device a plan is for.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "protocol/messages.hpp"
#include "scheduler/driver_gpus.hpp"

namespace mneme::scheduler {

// Whether a worker must look for a GPU: asked for by `--device cuda`, and by `auto` where a driver
// is.
bool may_use_gpu(const std::string& device);

// "cpu" or "cuda" for --device, after the worker's `gpu` message: null where it was not asked.
// Throws ExitError (bad_input) for `cuda` without one.
std::string choose_device(const std::string& device, const protocol::Gpu* gpu);

// The GPUs that workers may use, by the names that CUDA_VISIBLE_DEVICES knows: those it holds,
// otherwise all that the driver shows, slices (MIG) in place of what they are cut from. Empty where
// neither says anything: a worker then takes the first that it sees.
std::vector<Gpu> visible_gpus();

// How many workers run at once where --jobs does not say: one per core, or per GPU or slice.
std::size_t workers_at_once(const std::string& device);

} // namespace mneme::scheduler
