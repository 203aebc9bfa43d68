// SPDX-License-Identifier: Apache-2.0
#include <benchmarks/keys.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <stdexcept>
#include <type_traits>

#include <base/text.hpp>

#include "key_nouns.hpp"

namespace mneme::bench {

namespace {

// Not base::number, which writes 10000000 as 1e+07.
std::string number(double value) {
    char text[64];
    std::snprintf(text, sizeof text, "%.10g", value);
    return text;
}

template <class T> struct Unset : std::false_type {};
template <class T> struct Unset<std::optional<T>> : std::true_type {};

// "0 to 0.9", "a number of at least 0 and below 1"; empty where every number is allowed.
std::string range_of(const Bounds& b) {
    const bool low = std::isfinite(b.low), high = std::isfinite(b.high);
    if (!low && !high) return "";
    if (low && high && !b.above && !b.below) return number(b.low) + " to " + number(b.high);
    std::string text = "a number ";
    if (low) text += (b.above ? "above " : "of at least ") + number(b.low);
    if (high)
        text +=
            (low ? " and " : "of ") + std::string(b.below ? "below " : "at most ") + number(b.high);
    return text;
}

bool within(const Bounds& b, double value) {
    return std::isfinite(value) && (b.above ? value > b.low : value >= b.low) &&
           (b.below ? value < b.high : value <= b.high);
}

// Beside those of key_nouns.hpp.
std::string noun(const std::vector<std::string>*) { return "a list of strings"; }
std::string noun(const std::vector<int64_t>*) { return "a list of integers"; }
std::string noun(const std::vector<double>*) { return "a list of numbers"; }
std::string noun(const ClassCounts*) { return "an integer, or a list of integers"; }
std::string noun(const std::map<std::string, std::string>*) { return "a table of strings"; }
std::string noun(const ClassOrder*) { return "natural, seeded or a list of integers"; }

std::string shown(const std::string& value) {
    return value.empty() ? "required" : '"' + value + '"';
}
std::string shown(int64_t value) { return std::to_string(value); }
std::string shown(double value) { return base::number(value); }
std::string shown(bool value) { return value ? "true" : "false"; }
template <class T> std::string shown(const std::vector<T>&) {
    return "[]";
} // all defaults are empty
std::string shown(const std::map<std::string, std::string>&) { return "{}"; }
std::string shown(const ClassCounts&) { return "none"; }
std::string shown(const ClassOrder&) { return "\"natural\""; }
template <class T> std::string shown(const std::optional<T>&) { return "the method's"; }

// The numbers that bounds are for.
std::vector<double> numbers_in(int64_t value) { return {double(value)}; }
std::vector<double> numbers_in(double value) { return {value}; }
std::vector<double> numbers_in(const std::vector<int64_t>& v) { return {v.begin(), v.end()}; }
std::vector<double> numbers_in(const std::vector<double>& v) { return v; }
template <class T> std::vector<double> numbers_in(const T&) { return {}; }

// The words that the list is for.
Words words_in(const std::string& value) { return {value}; }
template <class T> Words words_in(const T&) { return {}; }

template <class T> std::string value_fault(const Key& key, const T& value) {
    for (const auto& word : words_in(value))
        if (!key.words.empty() &&
            std::find(key.words.begin(), key.words.end(), word) == key.words.end())
            return key.name + " is \"" + word + "\"; expected one of " + base::joined(key.words);
    for (const double each : numbers_in(value))
        if (!within(key.bounds, each))
            return key.name + " is " + (std::isfinite(each) ? number(each) : "not finite") +
                   "; expected " + range_of(key.bounds);
    return "";
}

} // namespace

const std::vector<std::string>& key_tables() {
    static const std::vector<std::string> tables{"stream", "augment", "scenario", "network",
                                                 "train"};
    return tables;
}

const Key& key(const std::string& table, const std::string& name) {
    for (const Key& known : keys())
        if (known.table == table && known.name == name) return known;
    throw std::logic_error("no key " + name + " in [" + table + "]");
}

std::vector<std::string> key_names(const std::string& table) {
    std::vector<std::string> names;
    for (const Key& known : keys())
        if (known.table == table) names.push_back(known.name);
    return names;
}

std::vector<std::string> key_names(const std::string& table, const std::string& owner) {
    std::vector<std::string> names;
    for (const Key& known : keys())
        if (known.table == table &&
            (known.owners.empty() ||
             std::find(known.owners.begin(), known.owners.end(), owner) != known.owners.end()))
            names.push_back(known.name);
    return names;
}

bool belongs(const Key& key, const Spec& spec) {
    const std::string& kind = key.table == "network" ? spec.network.kind : spec.stream.kind;
    return key.owners.empty() ||
           std::find(key.owners.begin(), key.owners.end(), kind) != key.owners.end();
}

std::string allowed_values(const Key& key) {
    if (!key.words.empty()) return "one of " + base::joined(key.words);
    Spec spec;
    const std::string kind = std::visit([](auto* value) { return noun(value); }, key.field(spec));
    const std::string range = range_of(key.bounds);
    if (range.empty()) return kind;
    return range.rfind("a number", 0) == 0 ? range : kind + ", " + range;
}

std::string default_value(const Key& key) {
    Spec spec;
    const std::string value = std::visit([](auto* v) { return shown(*v); }, key.field(spec));
    return key.counts && value == "required" ? "none" : value; // it counts only where it is given
}

std::string fault_of(const Key& key, const Spec& spec) {
    // Only read: the table has one function for both.
    return std::visit(
        [&](auto* value) -> std::string {
            if constexpr (Unset<std::decay_t<decltype(*value)>>::value)
                return *value ? value_fault(key, **value) : "";
            else return value_fault(key, *value);
        },
        key.field(const_cast<Spec&>(spec)));
}

} // namespace mneme::bench
