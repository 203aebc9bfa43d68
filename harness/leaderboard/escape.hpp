// SPDX-License-Identifier: Apache-2.0
// Text that a stranger chose, such as a method's label, as each format can hold it. Control
// characters become "?" everywhere (base::one_line).
#pragma once

#include <string>
#include <string_view>

namespace mneme::leaderboard {

std::string latex_text(std::string_view);
std::string markdown_text(std::string_view);

// In quotes where needed. What a spreadsheet would take for a formula (=, +, -, @ before a letter)
// gets an apostrophe in front.
std::string csv_text(std::string_view);

} // namespace mneme::leaderboard
