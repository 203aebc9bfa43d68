// SPDX-License-Identifier: Apache-2.0
// Runs of a folder that its results.h5 does not hold yet.
#pragma once

#include <filesystem>
#include <string>

namespace mneme::cli {

// A sentence about the runs that ended after results.h5 was written, or empty: there are none, or
// no results.h5. Throws std::runtime_error where results.h5 cannot be read.
std::string newer_runs_note(const std::filesystem::path& folder);

} // namespace mneme::cli
