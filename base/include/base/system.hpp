// SPDX-License-Identifier: Apache-2.0
// Facts of this machine and this moment.
#pragma once

#include <string>

namespace mneme::base {

std::string utc_now(); // 2026-01-31T12:00:00Z
std::string host_name();
// Descriptors 0 to 2 that are closed become /dev/null: the next file that is opened would get their
// number, and text for people would end in that file.
void occupy_standard_descriptors();

std::string environment(const char* variable); // empty when it is not set

} // namespace mneme::base
