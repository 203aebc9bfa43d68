// SPDX-License-Identifier: Apache-2.0
#include <base/escape.hpp>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <span>
#include <utility>

#include <base/text.hpp>

namespace mneme::base {
namespace {

using Rule = std::pair<std::string_view, std::string_view>;

// U+202A..E and U+2066..9 turn the direction of writing; XML has no U+FFFE and U+FFFF; U+2028 and
// U+2029 end a line in older scripts.
constexpr Rule unwanted[] = {{"\u202A", "?"}, {"\u202B", "?"}, {"\u202C", "?"}, {"\u202D", "?"},
                             {"\u202E", "?"}, {"\u2066", "?"}, {"\u2067", "?"}, {"\u2068", "?"},
                             {"\u2069", "?"}, {"\u2028", " "}, {"\u2029", " "}, {"\uFFFE", "?"},
                             {"\uFFFF", "?"}};

constexpr Rule in_markup[] = {
    {"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}};

// "<" and ">" cannot end a <script> or open a comment in it when they are written by their numbers.
constexpr Rule in_script[] = {{"\\", "\\\\"},   {"\"", "\\\""},   {"<", "\\u003c"},
                              {">", "\\u003e"}, {"&", "\\u0026"}, {"'", "\\u0027"}};

// "--" would become a dash. Greek letters and a few signs are often in labels, and only known to
// LaTeX in formulas.
constexpr Rule in_latex[] = {{"\\", "\\textbackslash{}"},
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
                             {"--", "-{}-{}"},
                             {"±", "$\\pm$"},
                             {"−", "$-$"},
                             {"α", "$\\alpha$"},
                             {"β", "$\\beta$"},
                             {"γ", "$\\gamma$"},
                             {"δ", "$\\delta$"},
                             {"ε", "$\\epsilon$"},
                             {"ζ", "$\\zeta$"},
                             {"η", "$\\eta$"},
                             {"θ", "$\\theta$"},
                             {"ι", "$\\iota$"},
                             {"κ", "$\\kappa$"},
                             {"λ", "$\\lambda$"},
                             {"μ", "$\\mu$"},
                             {"ν", "$\\nu$"},
                             {"ξ", "$\\xi$"},
                             {"π", "$\\pi$"},
                             {"ρ", "$\\rho$"},
                             {"ς", "$\\varsigma$"},
                             {"σ", "$\\sigma$"},
                             {"τ", "$\\tau$"},
                             {"υ", "$\\upsilon$"},
                             {"φ", "$\\phi$"},
                             {"χ", "$\\chi$"},
                             {"ψ", "$\\psi$"},
                             {"ω", "$\\omega$"},
                             {"Γ", "$\\Gamma$"},
                             {"Δ", "$\\Delta$"},
                             {"Θ", "$\\Theta$"},
                             {"Λ", "$\\Lambda$"},
                             {"Σ", "$\\Sigma$"},
                             {"Φ", "$\\Phi$"},
                             {"Ψ", "$\\Psi$"},
                             {"Ω", "$\\Omega$"},
                             {"∞", "$\\infty$"},
                             {"≤", "$\\le$"},
                             {"≥", "$\\ge$"},
                             {"→", "$\\to$"}};

constexpr Rule in_markdown[] = {{"\\", "\\\\"}, {"|", "\\|"}, {"<", "&lt;"}, {"&", "&amp;"},
                                {"*", "\\*"},   {"`", "\\`"}, {"[", "\\["},  {"~", "\\~"}};

constexpr Rule in_quotes_of_csv[] = {{"\"", "\"\""}};

// The first rule that fits a place is used there.
std::string replaced(std::string_view text, std::span<const Rule> rules) {
    std::string out;
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
    return out;
}

std::string clean(std::string_view line) { return replaced(one_line(line), unwanted); }

// Line by line, since one_line would write a line feed out.
std::string lines_replaced(std::string_view text, std::span<const Rule> rules,
                           std::string_view line_feed) {
    std::string out;
    while (true) {
        const std::size_t end = text.find('\n');
        std::string line(text.substr(0, end));
        std::replace(line.begin(), line.end(), '\t', ' ');
        out += replaced(clean(line), rules);
        if (end == std::string_view::npos) return out;
        out += line_feed;
        text.remove_prefix(end + 1);
    }
}

std::string code_point(char32_t letter) {
    char digits[16];
    std::snprintf(digits, sizeof digits, "[U+%04X]", static_cast<unsigned>(letter));
    return digits;
}

// The letters that pdfLaTeX sets with the T1 encoding, beyond ASCII.
bool in_t1(char32_t letter) {
    constexpr std::u32string_view no{U"ĦħĸĿŀŉŦŧſ"}, also{U"–—‘’“”•…€"};
    return (letter >= 0xA0 && letter < 0x180 && no.find(letter) == no.npos) ||
           also.find(letter) != also.npos;
}

// Of valid UTF-8. What pdfLaTeX would stop at stands as "[U+65E5]".
std::string only_t1(std::string_view text) {
    std::string out;
    for (std::size_t at = 0, size = 0; at < text.size(); at += size) {
        const auto first = static_cast<unsigned char>(text[at]);
        size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        char32_t letter = size == 1 ? first : first & (0xFFu >> (size + 1));
        for (std::size_t i = 1; i < size; ++i)
            letter = letter << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3Fu);
        if (size == 1 || in_t1(letter)) out += text.substr(at, size);
        else out += code_point(letter);
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

std::string markup_text(std::string_view text) { return lines_replaced(text, in_markup, "\n"); }

std::string script_text(std::string_view text) { return lines_replaced(text, in_script, "\\n"); }

std::string latex_text(std::string_view text) { return only_t1(replaced(clean(text), in_latex)); }

std::string markdown_text(std::string_view text) {
    return underscores_escaped(replaced(clean(text), in_markdown));
}

std::string csv_field(std::string_view text) {
    if (text.find_first_of(",\"'\n\r") == std::string_view::npos) return std::string(text);
    return "\"" + replaced(text, in_quotes_of_csv) + "\"";
}

std::string csv_text(std::string_view text) {
    const std::string line = clean(text);
    return csv_field(is_formula(line) ? "'" + line : line);
}

} // namespace mneme::base
