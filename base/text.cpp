// SPDX-License-Identifier: Apache-2.0
#include <base/text.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace mneme::base {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Optimal string alignment: letters put in, left out or replaced, and neighbours swapped, cost one
// each.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i)
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const char x = lower(a[i - 1]), y = lower(b[j - 1]);
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (x != y)});
            if (i > 1 && j > 1 && x == lower(b[j - 2]) && y == lower(a[i - 2]))
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[a.size()][b.size()];
}

// The length of the UTF-8 sequence at the start of `text`, or 0 where it is not valid.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xC0) != 0x80) return 0;
    const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
    const bool surrogate = first == 0xED && byte(1) > 0x9F;
    const bool too_large = first == 0xF4 && byte(1) > 0x8F;
    return overlong || surrogate || too_large ? 0 : length;
}

// C0, DEL, or C1 (U+0080 to U+009F, which terminals obey as well).
bool is_control(std::string_view letter) {
    const auto first = static_cast<unsigned char>(letter[0]);
    if (letter.size() == 1) return first < 0x20 || first == 0x7f;
    return letter.size() == 2 && first == 0xC2 && static_cast<unsigned char>(letter[1]) < 0xA0;
}

} // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
    std::string best;
    // Two letters, one in a short word, a third of a long one: what differs more is not a
    // misspelling.
    std::size_t least = std::max(std::min<std::size_t>(2, word.size() / 2), word.size() / 3) + 1;
    for (const std::string& other : known)
        if (const std::size_t d = distance(word, other); d < least) {
            least = d;
            best = other;
        }
    return best;
}

std::string nearest_or_all(std::string_view word, const std::vector<std::string>& known) {
    const std::string near = nearest(word.substr(0, 80), known);
    if (!near.empty()) return "the nearest known one is " + in_quotes(near);
    return known.empty() ? "none is known here" : "known are " + joined(known);
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
    std::string text;
    for (const std::string& part : parts) text.append(text.empty() ? "" : separator).append(part);
    return text;
}

std::string one_line(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const std::string_view letter = text.substr(0, std::max<std::size_t>(length, 1));
        if (length == 0) out += "\xEF\xBF\xBD";
        else if (letter == "\n") out += "\\n";
        else if (is_control(letter)) out += '?';
        else out += letter;
        text.remove_prefix(letter.size());
    }
    return out;
}

bool has_control_characters(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = std::max<std::size_t>(utf8_length(text), 1);
        if (is_control(text.substr(0, length))) return true;
        text.remove_prefix(length);
    }
    return false;
}

std::string in_quotes(std::string_view text) {
    if (text.size() <= 80) return '"' + std::string(text) + '"';
    std::size_t end = 80;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return '"' + std::string(text.substr(0, end)) + "...\"";
}

std::string number(double value) {
    char digits[32];
    return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

} // namespace mneme::base
