// SPDX-License-Identifier: Apache-2.0
// The text of a plugin's note: lines "key=value", then a block for each method, which begins with
// "method=<id>".
#pragma once

#include <filesystem>
#include <string_view>

#include "loader/loader.hpp"

namespace mneme::loader {

// Refuses a note that cannot be read, another SDK, a newer target, an unknown flag; `file` is whom
// the message names.
Note parse_note(std::string_view text, const std::filesystem::path& file);

} // namespace mneme::loader
