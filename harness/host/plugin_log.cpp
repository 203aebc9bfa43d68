// SPDX-License-Identifier: Apache-2.0
#include "host/plugin_log.hpp"

namespace mneme::host {
namespace {

std::function<void(const std::string&)>& sink() {
    static std::function<void(const std::string&)> function;
    return function;
}

} // namespace

void write_plugin_log(const char* line) {
    if (sink()) sink()(line);
}

void set_plugin_log(std::function<void(const std::string&)> function) {
    sink() = std::move(function);
}

} // namespace mneme::host
