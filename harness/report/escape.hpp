// SPDX-License-Identifier: Apache-2.0
// The one way in which text enters a page or a figure.
#pragma once

#include <string>
#include <string_view>

namespace mneme::report {

enum class Place {
    markup, // between tags, or in an attribute's quotes, of HTML or XML
    script, // in a JSON string inside a <script>
};

// Text that a reader sees as it is and that no parser takes for anything else. Bytes that are not
// UTF-8, control characters, and characters that turn the direction of writing are replaced. A line
// feed is kept.
std::string escaped(std::string_view text, Place);

} // namespace mneme::report
