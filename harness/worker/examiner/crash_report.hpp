// SPDX-License-Identifier: Apache-2.0
// Where this process crashed, for machines without a debugger.
#pragma once

namespace mneme::harness::examiner {

// From now on a fatal signal prints the call stack to stderr, then ends the process as it would
// have: library, function where it is exported, offset.
void print_stack_on_crash();

} // namespace mneme::harness::examiner
