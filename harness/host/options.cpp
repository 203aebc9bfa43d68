// SPDX-License-Identifier: Apache-2.0
#include "host/options.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <mneme/abi.h>
#include <base/error.hpp>
#include <base/text.hpp>
#include <mneme/error.hpp>

#include "protocol/train_settings.hpp"

namespace mneme::host {
namespace {

const protocol::Setting* find(const Settings& settings, const std::string& name) {
    for (const auto& [key, setting] : settings)
        if (key == name) return &setting;
    return nullptr;
}

[[noreturn]] void refuse(const std::string& where, const std::string& text) {
    throw Error((where.empty() ? "suite" : where) + ": " + text, MNEME_OPTION);
}

std::string bounds_text(const Declared& d) {
    std::vector<std::string> parts;
    if (d.min) parts.push_back(fmt::format("{} {:g}", d.min_excluded ? ">" : ">=", *d.min));
    if (d.max) parts.push_back(fmt::format("{} {:g}", d.max_excluded ? "<" : "<=", *d.max));
    return fmt::format("{}", fmt::join(parts, " and "));
}

bool whole(const Json& v) {
    return v.is_number_integer() ||
           (v.is_number_float() && std::floor(v.get<double>()) == v.get<double>());
}

void check_type(const Declared& d, const Json& v, const std::string& where) {
    const bool fits = d.kind == "choice" || d.kind == "text" ? v.is_string()
                      : d.kind == "flag"                     ? v.is_boolean()
                      : d.kind == "count"                    ? v.is_number() && whole(v)
                                                             : v.is_number();
    static const std::map<std::string, const char*> wanted = {
        {"choice", "one of its choices, in quotes"},
        {"text", "a text in quotes"},
        {"flag", "true or false"},
        {"count", "a whole number"},
        {"number", "a number"},
        {"real", "a number"}};
    if (!fits)
        refuse(where, fmt::format("{} = {} is of the wrong type; expected {}", d.name, v.dump(),
                                  wanted.at(d.kind)));
}

void check_bounds(const Declared& d, const Json& v, const std::string& where) {
    if (d.kind == "choice") {
        if (std::find(d.choices.begin(), d.choices.end(), v.get<std::string>()) == d.choices.end())
            refuse(where, fmt::format("{} = {} is not a choice; use one of {}", d.name, v.dump(),
                                      fmt::join(d.choices, ", ")));
        return;
    }
    if (d.kind == "flag" || d.kind == "text") return;
    const double x = v.get<double>();
    const bool low = d.min && (d.min_excluded ? x <= *d.min : x < *d.min),
               high = d.max && (d.max_excluded ? x >= *d.max : x > *d.max);
    if (low || high || !std::isfinite(x))
        refuse(where, fmt::format("{} = {} is out of bounds; expected {} {}", d.name, v.dump(),
                                  d.name, bounds_text(d)));
}

Json as_kind(const std::string& kind, const Json& v) {
    if (kind == "count") return static_cast<int64_t>(v.get<double>());
    if (kind == "number" || kind == "real") return v.get<double>();
    return v;
}

} // namespace

OptionBook::OptionBook(std::string method, std::vector<Settings> options,
                       std::vector<Settings> train, Json benchmark_train)
    : method_(std::move(method)), given_(std::move(options)), given_train_(std::move(train)),
      benchmark_train_(std::move(benchmark_train)) {}

Json OptionBook::value_of(const Declared& d, const Settings& given, const Json* below) const {
    if (const auto* setting = find(given, d.name)) {
        check_type(d, setting->value, setting->where);
        check_bounds(d, setting->value, setting->where);
        return as_kind(d.kind, setting->value);
    }
    if (below && below->contains(d.name)) {
        check_bounds(d, (*below)[d.name], "[train] of the benchmark");
        return as_kind(d.kind, (*below)[d.name]);
    }
    return d.standard;
}

const Declared& OptionBook::declare(Declared d, bool train) {
    auto& list = train ? train_ : options_;
    for (const auto& known : list)
        if (known.name == d.name)
            throw Error(
                fmt::format("{}: option {} is read twice; read each option once", method_, d.name),
                MNEME_OPTION);
    d.standard = as_kind(d.kind, d.standard);
    check_bounds(d, d.standard, fmt::format("{}: the default", method_));
    for (const auto& settings : train ? given_train_ : given_)
        d.values.push_back(value_of(d, settings, train ? &benchmark_train_ : nullptr));
    if (d.kind != "number")
        for (const auto& v : d.values)
            if (v != d.values.front())
                throw Error(
                    fmt::format(
                        "{}: runs of one cell differ in {}; they may differ in numbers only",
                        method_, d.name),
                    MNEME_OPTION);
    list.push_back(std::move(d));
    return list.back();
}

void OptionBook::refuse_leftovers() const {
    std::vector<std::string> known;
    for (const auto& d : options_) known.push_back(d.name);
    for (const auto& settings : given_)
        for (const auto& [key, setting] : settings) {
            if (std::find(known.begin(), known.end(), key) != known.end()) continue;
            const auto near = base::nearest(key, known);
            const auto right = !near.empty() ? fmt::format("did you mean {}?", near)
                               : known.empty()
                                   ? fmt::format("{} has no options", method_)
                                   : fmt::format("{} has {}", method_, fmt::join(known, ", "));
            throw base::ExitError(
                base::ExitCode::bad_input,
                fmt::format("{}: {} is not an option of {}; {}",
                            setting.where.empty() ? "suite" : setting.where, key, method_, right));
        }
}

Json OptionBook::effective_options(std::size_t run) const {
    Json out = Json::object();
    for (const auto& d : options_) out[d.name] = d.values[run];
    return out;
}

Json OptionBook::train(std::size_t run) const {
    const auto below =
        protocol::merge(protocol::train_defaults(), protocol::train_from_json(benchmark_train_),
                        protocol::train_from(given_train_[run]));
    Json out = protocol::to_json(below);
    for (const auto& d : train_) out[d.name] = d.values[run];
    if (!out.contains("batch_size")) out["batch_size"] = 10;
    return out;
}

} // namespace mneme::host
