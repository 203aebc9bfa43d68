// SPDX-License-Identifier: Apache-2.0
// mneme status --watch: a suite while it runs.
#pragma once

#include <filesystem>

#include <base/error.hpp>

#include "cli/console.hpp"

namespace mneme::cli {

// Until nothing runs in the folder any more, or a signal asks to stop: a screen on a terminal, a
// line for each change elsewhere.
base::ExitCode watch(const std::filesystem::path& folder, const Console&);

} // namespace mneme::cli
