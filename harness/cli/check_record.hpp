// SPDX-License-Identifier: Apache-2.0
// The verdicts of the method examiner, kept by the digest of the plugin's file in
// CACHE/mneme/checks/<sha256>.json (docs/write_a_plugin.md), so that `run` can say whether a method
// was examined.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "cli/methods.hpp"

namespace mneme::cli {

std::filesystem::path check_record_path(const std::string& sha256);

// `page`: what `mneme check --json` prints. Replaces the record of an earlier examination. A cache
// that cannot be written is not an error: returns the reason, or "".
std::string keep_check_record(const std::string& sha256, const nlohmann::ordered_json& page);

// What a user should know of the methods that are about to run. Shipped files are not named:
// Mneme's own tests examine them.
struct ExaminationNotes {
    std::vector<std::string> failed; // a sentence for each method whose file failed
    std::string unexamined;          // one about all whose files, as they are, never were; or empty
};
ExaminationNotes examination_notes(const std::vector<Method>&);

} // namespace mneme::cli
