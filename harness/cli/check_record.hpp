// SPDX-License-Identifier: Apache-2.0
// The verdicts of the method examiner, kept by the digest of the plugin's file in
// CACHE/mneme/checks/<sha256>.json (docs/write_a_plugin.md), so that `run` can say whether a method
// was examined.
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace mneme::cli {

std::filesystem::path check_record_path(const std::string& sha256);

// `page`: what `mneme check --json` prints. Replaces the record of an earlier examination. A cache
// that cannot be written is not an error: returns the reason, or "".
std::string keep_check_record(const std::string& sha256, const nlohmann::ordered_json& page);

} // namespace mneme::cli
