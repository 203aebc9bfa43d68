// SPDX-License-Identifier: Apache-2.0
// From an exception to a sentence and an exit code.
#pragma once

#include "cli/console.hpp"

namespace mneme::cli {

// Call it inside a catch block.
int report_failure(const Console&);

// The exit code for an errno of the file system: what will not change by trying again is 65.
int exit_code_of(int error_number);

} // namespace mneme::cli
