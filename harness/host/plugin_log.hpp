// SPDX-License-Identifier: Apache-2.0
// Where the log lines of plugins go.
#pragma once

#include <functional>
#include <string>

namespace mneme::host {

void write_plugin_log(const char* line); // dropped while there is no sink
void set_plugin_log(std::function<void(const std::string&)> sink);

} // namespace mneme::host
