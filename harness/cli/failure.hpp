// SPDX-License-Identifier: Apache-2.0
// From an exception to a sentence and an exit code.
#pragma once

#include <base/error.hpp>

#include "cli/console.hpp"

namespace mneme::cli {

// Call it inside a catch block.
base::ExitCode report_failure(const Console&);

} // namespace mneme::cli
