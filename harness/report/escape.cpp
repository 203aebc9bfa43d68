// SPDX-License-Identifier: Apache-2.0
#include "report/escape.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <base/text.hpp>

namespace mneme::report {
namespace {

using Rule = std::pair<std::string_view, std::string_view>;

// U+202A..E and U+2066..9 turn the direction of writing; XML has no U+FFFE and U+FFFF; U+2028 and
// U+2029 end a line in older scripts.
constexpr std::array<Rule, 13> unwanted{{{"\u202A", "?"},
                                         {"\u202B", "?"},
                                         {"\u202C", "?"},
                                         {"\u202D", "?"},
                                         {"\u202E", "?"},
                                         {"\u2066", "?"},
                                         {"\u2067", "?"},
                                         {"\u2068", "?"},
                                         {"\u2069", "?"},
                                         {"\u2028", " "},
                                         {"\u2029", " "},
                                         {"\uFFFE", "?"},
                                         {"\uFFFF", "?"}}};

constexpr std::array<Rule, 5> in_markup{
    {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}}};

// "<" and ">" cannot end a <script> or open a comment in it when they are written by their numbers.
constexpr std::array<Rule, 6> in_script{{{"\\", "\\\\"},
                                         {"\"", "\\\""},
                                         {"<", "\\u003c"},
                                         {">", "\\u003e"},
                                         {"&", "\\u0026"},
                                         {"'", "\\u0027"}}};

template <std::size_t N>
void append(std::string& out, std::string_view text, const std::array<Rule, N>& rules) {
    while (!text.empty()) {
        const auto rule = std::find_if(rules.begin(), rules.end(), [&](const Rule& one) {
            return text.substr(0, one.first.size()) == one.first;
        });
        if (rule == rules.end()) {
            out += text.front();
            text.remove_prefix(1);
        } else {
            out += rule->second;
            text.remove_prefix(rule->first.size());
        }
    }
}

} // namespace

std::string escaped(std::string_view text, Place place) {
    std::string out;
    while (true) {
        const std::size_t end = text.find('\n');
        std::string line(text.substr(0, end));
        std::replace(line.begin(), line.end(), '\t', ' ');
        std::string clean;
        append(clean, base::one_line(line), unwanted);
        if (place == Place::markup) append(out, clean, in_markup);
        else append(out, clean, in_script);
        if (end == std::string_view::npos) return out;
        out += place == Place::markup ? "\n" : "\\n";
        text.remove_prefix(end + 1);
    }
}

} // namespace mneme::report
