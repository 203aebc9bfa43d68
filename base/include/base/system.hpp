// SPDX-License-Identifier: Apache-2.0
// Facts of this machine and this moment.
#pragma once

#include <string>

namespace mneme::base {

std::string utc_now(); // 2026-01-31T12:00:00Z
std::string host_name();
std::string environment(const char* variable); // empty when it is not set

} // namespace mneme::base
