// SPDX-License-Identifier: Apache-2.0
// Text that a stranger chose, such as a method's label, as each format can hold it: a reader sees
// it as it is, and no parser takes it for anything else. Bytes that are not UTF-8, control
// characters and characters that turn the direction of writing are replaced everywhere but in
// csv_field.
#pragma once

#include <string>
#include <string_view>

namespace mneme::base {

// Between tags, or in an attribute's quotes, of HTML or XML. A line feed is kept.
std::string markup_text(std::string_view);

// In a JSON string, also where it stands inside a <script>. A line feed becomes \n.
std::string script_text(std::string_view);

// For pdfLaTeX with T1 encoded fonts: letters that these lack are written as "[U+65E5]".
std::string latex_text(std::string_view);

std::string markdown_text(std::string_view);

// Every byte, in quotes where needed.
std::string csv_field(std::string_view);

// One line for a spreadsheet, in quotes where needed: what it would take for a formula (=, +, -, @
// before a letter) gets an apostrophe in front.
std::string csv_text(std::string_view);

} // namespace mneme::base
