// SPDX-License-Identifier: Apache-2.0
// Whether a scheduler can take what a user has asked for.
#pragma once

#include <optional>
#include <string>

#include "submit/submission.hpp"

namespace mneme::submit {

// Seconds of a time limit as Slurm reads it: minutes, minutes:seconds, hours:minutes:seconds,
// days-hours, days-hours:minutes, days-hours:minutes:seconds. Nothing where it is none of these.
std::optional<std::int64_t> seconds_of(const std::string& time);

// Throws ExitError: usage for an option, bad_input for a file that an option names.
void require_possible(const Submission&);

} // namespace mneme::submit
