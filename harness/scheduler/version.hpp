// SPDX-License-Identifier: Apache-2.0
// Which harness this is; recorded in results and compared when a finished run is met again. CMake
// gives the values.
#pragma once

namespace mneme::scheduler {

inline constexpr const char* version = MNEME_VERSION;

} // namespace mneme::scheduler
