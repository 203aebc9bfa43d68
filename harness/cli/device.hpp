// SPDX-License-Identifier: Apache-2.0
// Which device a plan is for.
#pragma once

#include <string>

#include "cli/options.hpp"

namespace mneme::cli {

// "cpu" or "cuda" for --device. A GPU is asked for by `cuda`, and looked for by `auto`. Throws mneme::Error (65) for `cuda` without one.
std::string choose_device(const Options&);

} // namespace mneme::cli
