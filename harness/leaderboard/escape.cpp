// SPDX-License-Identifier: Apache-2.0
#include "leaderboard/escape.hpp"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <utility>

#include <base/text.hpp>

namespace mneme::leaderboard {
namespace {

using Rules = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// The first rule that fits a place is used there.
std::string replaced(std::string_view text, const Rules& rules) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto rule = std::find_if(rules.begin(), rules.end(), [&](const auto& candidate) {
            return text.substr(at, candidate.first.size()) == candidate.first;
        });
        out += rule == rules.end() ? text.substr(at, 1) : rule->second;
        at += rule == rules.end() ? 1 : rule->first.size();
    }
    return out;
}

// An underscore within a word is itself in Markdown; elsewhere it may begin emphasis.
std::string underscores_escaped(const std::string& text) {
    const auto in_word = [&](std::size_t at) {
        return at < text.size() && std::isalnum(static_cast<unsigned char>(text[at])) != 0;
    };
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '_' && !(at > 0 && in_word(at - 1) && in_word(at + 1))) out += '\\';
        out += text[at];
    }
    return out;
}

bool is_formula(std::string_view text) {
    if (text.empty()) return false;
    if (text[0] == '=' || text[0] == '@') return true;
    const bool sign = text[0] == '+' || text[0] == '-';
    return sign && text.size() > 1 && std::isdigit(static_cast<unsigned char>(text[1])) == 0 &&
           text[1] != '.';
}

} // namespace

std::string latex_text(std::string_view text) {
    return replaced(base::one_line(text), {{"\\", "\\textbackslash{}"},
                                           {"_", "\\_"},
                                           {"%", "\\%"},
                                           {"&", "\\&"},
                                           {"#", "\\#"},
                                           {"$", "\\$"},
                                           {"{", "\\{"},
                                           {"}", "\\}"},
                                           {"~", "\\textasciitilde{}"},
                                           {"^", "\\textasciicircum{}"},
                                           {"<", "\\textless{}"},
                                           {">", "\\textgreater{}"},
                                           {"|", "\\textbar{}"},
                                           {"\"", "\\textquotedbl{}"},
                                           {"`", "\\textasciigrave{}"},
                                           {"±", "$\\pm$"},
                                           {"−", "$-$"}});
}

std::string markdown_text(std::string_view text) {
    const std::string line = replaced(base::one_line(text), {{"\\", "\\\\"},
                                                             {"|", "\\|"},
                                                             {"<", "&lt;"},
                                                             {"&", "&amp;"},
                                                             {"*", "\\*"},
                                                             {"`", "\\`"},
                                                             {"[", "\\["},
                                                             {"~", "\\~"}});
    return underscores_escaped(line);
}

std::string csv_text(std::string_view text) {
    std::string line = base::one_line(text);
    if (is_formula(line)) line.insert(0, "'");
    if (line.find_first_of(",\"'") == std::string::npos) return line;
    return "\"" + replaced(line, {{"\"", "\"\""}}) + "\"";
}

} // namespace mneme::leaderboard
