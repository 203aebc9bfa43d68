// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace mneme::protocol {

using Json = nlohmann::json;

// Sorted keys, no spaces, shortest round-trip numbers: equal settings give equal text. Digests are
// taken of this text.
std::string canonical(const Json&);

// {"lambda": 5.0, "fisher": "true"} -> "lambda = 5.0\nfisher = \"true\"\n". The scalars of JSON are
// those of TOML. Records that differ here are two methods to `collect`.
std::string toml_text(const Json& settings);

// One line of UTF-8, whatever bytes the strings hold: a folder's name need not be UTF-8.
std::string one_line_json(const Json&);

} // namespace mneme::protocol
