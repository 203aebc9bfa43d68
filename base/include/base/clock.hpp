// SPDX-License-Identifier: Apache-2.0
// Seconds of the clock that nobody sets.
#pragma once

#include <chrono>

namespace mneme::base {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point then) {
    return std::chrono::duration<double>(Clock::now() - then).count();
}

} // namespace mneme::base
