// SPDX-License-Identifier: Apache-2.0
// Which device a plan is for.
#pragma once

#include <string>
#include <vector>

#include "cli/options.hpp"

namespace mneme::cli {

// "cpu" or "cuda" for --device. A GPU is asked for by `cuda`, and looked for by `auto`. Throws mneme::Error (65) for `cuda` without one.
std::string choose_device(const Options&);

// The GPUs that workers may use, by the names that CUDA_VISIBLE_DEVICES knows: those it holds, otherwise all that the driver shows. Empty
// where neither says anything: a worker then takes the first that it sees.
std::vector<std::string> visible_gpus();

} // namespace mneme::cli
