// SPDX-License-Identifier: Apache-2.0
// Text for people: messages and names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mneme::base {

// The known name nearest to a misspelt one (edit distance, letters of either case are equal), or
// empty when none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

// For a message about a word that is not known: `the nearest known one is "x"`, or, when none is
// near, `known are a, b`.
std::string nearest_or_all(std::string_view word, const std::vector<std::string>& known);

std::string joined(const std::vector<std::string>&, std::string_view separator = ", ");

// On one line: a line break becomes \n, another control character (C0, DEL, and C1 in UTF-8)
// becomes "?", bytes that are not UTF-8 become U+FFFD. What a stranger wrote passes through this
// before a terminal or a log sees it.
std::string one_line(std::string_view);
bool has_control_characters(std::string_view);

// "text" in quotes, cut after 80 bytes at the border of a letter.
std::string in_quotes(std::string_view);

std::string number(double); // the shortest decimal that reads back exactly

} // namespace mneme::base
