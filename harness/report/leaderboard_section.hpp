// SPDX-License-Identifier: Apache-2.0
// What the leaderboard says, in words and as a table with its tiers.
#pragma once

#include <leaderboard/print.hpp>

#include "report/markup.hpp"

namespace mneme::report {

Markup verdict_section(const leaderboard::Leaderboard&);
Markup leaderboard_section(const leaderboard::Leaderboard&);

} // namespace mneme::report
