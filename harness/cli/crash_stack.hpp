// SPDX-License-Identifier: Apache-2.0
// Where a worker crashed, by gdb.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mneme::cli {

// The first file of that name in the folders of $PATH; empty: none.
std::filesystem::path program_on_path(const std::string& name);

// Has a worker answer `request`, for mneme-worker check, once more under gdb; its frames at the
// signal that ended it, the innermost first. Empty where it does not crash this time. gdb's log is
// written beside the request.
std::vector<std::string> crash_stack(const std::filesystem::path& gdb,
                                     const std::filesystem::path& torch,
                                     const std::filesystem::path& request);

// The frames in what gdb printed: from the first on, at most so many.
std::vector<std::string> frames_in(const std::string& log, std::size_t most);

} // namespace mneme::cli
