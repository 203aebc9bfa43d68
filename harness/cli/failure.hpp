// SPDX-License-Identifier: Apache-2.0
// From an exception to a sentence and an exit code.
#pragma once

#include "cli/console.hpp"

namespace mneme::cli {

// Call it inside a catch block.
int report_failure(const Console&);

} // namespace mneme::cli
