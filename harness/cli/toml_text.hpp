// SPDX-License-Identifier: Apache-2.0
// Flat settings as TOML lines, for the record.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace mneme::cli {

// {"lambda": 5.0, "fisher": "true"} -> "lambda = 5.0\nfisher = \"true\"\n". JSON's scalars are TOML's.
inline std::string toml_text(const nlohmann::json& settings) {
    std::string text;
    for (const auto& [key, value] : settings.items()) text += key + " = " + value.dump() + "\n";
    return text;
}

} // namespace mneme::cli
