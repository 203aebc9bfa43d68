// SPDX-License-Identifier: Apache-2.0
// What a suite sets of a method: values with the places where they were written.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "protocol/json.hpp"

namespace mneme::protocol {

// A value as the user wrote it, and where ("suite.toml:12:3", "--set").
struct Setting {
    Json value;
    std::string where;
};
using Settings = std::vector<std::pair<std::string, Setting>>; // in the order written

// A list of {"key", "value", "where"}, which keeps the order. Reading throws FieldError.
Json to_json(const Settings&);
Settings settings_from_json(const Json&);

} // namespace mneme::protocol
