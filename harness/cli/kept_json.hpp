// SPDX-License-Identifier: Apache-2.0
// JSON that is kept in the cache folder between two calls: {"sha256": of the content's text,
// "content": what was kept}. What was changed or damaged since is not taken.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace mneme::cli {

// The content, or null where there is none that can be trusted.
nlohmann::ordered_json kept_json(const std::filesystem::path&);

// Replaces the file and removes the oldest beyond `most_files` of its folder. A cache that cannot
// be written is not an error: returns the reason, or "".
std::string keep_json(const std::filesystem::path&, const nlohmann::ordered_json& content,
                      std::size_t most_files);

} // namespace mneme::cli
