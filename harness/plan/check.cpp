// SPDX-License-Identifier: Apache-2.0
#include "plan/check.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>

#include <base/error.hpp>
#include <base/text.hpp>
#include <benchmarks/dataset.hpp>

#include "plan/plan.hpp"

namespace mneme::harness {

void fail(const std::string& where, const std::string& what) {
    throw base::ExitError(base::ExitCode::bad_input, one_line(where + ": " + what));
}

std::string kind_of(const Node& node) {
    switch (node.kind) {
        case Node::Kind::table: return "a table";
        case Node::Kind::array: return "a list";
        case Node::Kind::text: return "a string";
        case Node::Kind::integer: return "an integer";
        case Node::Kind::real:
            return std::isfinite(node.scalar.get<double>()) ? "a real number"
                                                            : "not a finite number";
        case Node::Kind::flag: return "true or false";
        case Node::Kind::date: return "a date or time";
    }
    return "nothing known";
}

std::string one_line(const std::string& text) {
    std::string out;
    for (const char c : text)
        if (c == '\n') out += "\\n";
        else out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    return out;
}

std::string in_quotes(const std::string& text) {
    if (text.size() <= 80) return '"' + text + '"';
    std::size_t end = 80;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end; // not in the middle of a letter
    return '"' + text.substr(0, end) + "...\"";
}

std::string shown(const nlohmann::json& value) {
    return value.is_string() ? value.get<std::string>() : canonical(value);
}

std::string remedy(const std::string& word, const Names& known) {
    const std::string near = base::nearest(word.substr(0, 80), known);
    if (!near.empty()) return "the nearest known one is " + in_quotes(near);
    std::string list;
    for (const auto& name : known) list += (list.empty() ? "" : ", ") + name;
    return list.empty() ? "none is known here" : "known are " + list;
}

bool is_label(const std::string& text) {
    const auto fits = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || (c != 0 && std::strchr("._+-", c));
    };
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), fits);
}

const Member* find(const Node& table, const std::string& key) {
    for (const auto& member : table.members)
        if (member.key == key) return &member;
    return nullptr;
}

void want_table(const Member& member) {
    if (member.value.kind != Node::Kind::table)
        fail(member.value.where,
             member.key + " is " + kind_of(member.value) + "; expected a table");
}

void allow(const Node& table, const Names& keys, const std::string& in) {
    for (const auto& member : table.members)
        if (std::find(keys.begin(), keys.end(), member.key) == keys.end())
            fail(member.where, "unknown key " + in_quotes(member.key) + " in " + in + "; " +
                                   remedy(member.key, keys));
}

namespace {

[[noreturn]] void wrong(const Member& member, const Node& value, const std::string& wanted) {
    fail(value.where, member.key + " is " + kind_of(value) + "; expected " + wanted);
}

double real_of(const Member& member, const Node& value, const std::string& wanted) {
    const bool number = value.kind == Node::Kind::integer || value.kind == Node::Kind::real;
    if (!number || !std::isfinite(value.scalar.get<double>())) wrong(member, value, wanted);
    return value.scalar.get<double>();
}

int64_t integer_of(const Member& member, const Node& value, const std::string& wanted) {
    if (value.kind != Node::Kind::integer) wrong(member, value, wanted);
    return value.scalar.get<int64_t>();
}

} // namespace

std::string want_text(const Member& member) {
    if (member.value.kind != Node::Kind::text) wrong(member, member.value, "a string");
    return member.value.scalar.get<std::string>();
}

std::string want_choice(const Member& member, const Names& known, const std::string& noun) {
    const std::string word = want_text(member);
    if (std::find(known.begin(), known.end(), word) == known.end())
        fail(member.value.where,
             "unknown " + noun + " " + in_quotes(word) + "; " + remedy(word, known));
    return word;
}

int64_t want_integer(const Member& member, int64_t least, int64_t most) {
    const std::string wanted = most == INT64_MAX ? "an integer of at least " + std::to_string(least)
                                                 : "an integer from " + std::to_string(least) +
                                                       " to " + std::to_string(most);
    const int64_t value = integer_of(member, member.value, wanted);
    if (value < least || value > most)
        fail(member.value.where,
             member.key + " is " + std::to_string(value) + "; expected " + wanted);
    return value;
}

double want_real(const Member& member, double least) {
    const std::string wanted = "a number of at least " + canonical(least);
    const double value = real_of(member, member.value, wanted);
    if (value < least)
        fail(member.value.where, member.key + " is " + canonical(value) + "; expected " + wanted);
    return value;
}

void take(const Member& member, std::string& to) { to = want_text(member); }
void take(const Member& member, int64_t& to) {
    to = integer_of(member, member.value, "an integer");
}
void take(const Member& member, double& to) { to = real_of(member, member.value, "a number"); }

void take(const Member& member, bool& to) {
    if (member.value.kind != Node::Kind::flag) wrong(member, member.value, "true or false");
    to = member.value.scalar.get<bool>();
}

void take(const Member& member, std::vector<int64_t>& to) {
    const std::string wanted = "a list of integers";
    if (member.value.kind != Node::Kind::array) wrong(member, member.value, wanted);
    to.clear();
    for (const auto& item : member.value.items) {
        if (item.kind != Node::Kind::integer)
            fail(item.where, member.key + " holds " + kind_of(item) + "; expected " + wanted);
        to.push_back(item.scalar.get<int64_t>());
    }
}

void take(const Member& member, std::vector<double>& to) {
    const std::string wanted = "a list of numbers";
    if (member.value.kind != Node::Kind::array) wrong(member, member.value, wanted);
    to.clear();
    for (const auto& item : member.value.items) to.push_back(real_of(member, item, wanted));
}

void take(const Member& member, std::vector<std::string>& to) {
    const std::string wanted = "a list of strings";
    if (member.value.kind != Node::Kind::array) wrong(member, member.value, wanted);
    to.clear();
    for (const auto& item : member.value.items) {
        if (item.kind != Node::Kind::text)
            fail(item.where, member.key + " holds " + kind_of(item) + "; expected " + wanted);
        to.push_back(item.scalar.get<std::string>());
    }
}

void take(const Member& member, std::map<std::string, std::string>& to) {
    if (member.value.kind != Node::Kind::table)
        wrong(member, member.value, "a table, as {\"a\" = \"b\"}");
    to.clear();
    for (const auto& entry : member.value.members) to[entry.key] = want_text(entry);
}

void take(const Member& member, bench::ClassCounts& to) {
    if (member.value.kind == Node::Kind::array) take(member, to.list);
    else to = integer_of(member, member.value, "an integer, or a list of integers");
}

void take(const Member& member, bench::ClassOrder& to) {
    to = {};
    if (member.value.kind == Node::Kind::text)
        to.seeded = want_choice(member, {"natural", "seeded"}, "class order") == "seeded";
    else if (member.value.kind == Node::Kind::array) take(member, to.list);
    else wrong(member, member.value, "\"natural\", \"seeded\" or a list of integers");
}

} // namespace mneme::harness
