// SPDX-License-Identifier: Apache-2.0
// Checks of what a method declares.
#include <cmath>

#include <mneme/error.hpp>

#include "worker/commands.hpp"
#include "worker/examiner.hpp"

namespace mneme::harness::examiner {
namespace {

constexpr double most_count = 10000; // a bound beyond would only try the machine's memory

bool numeric(const Json& option) {
    return option["kind"] == "number" || option["kind"] == "real" || option["kind"] == "count";
}

// A value at a bound, or just inside where the bound itself is excluded.
Json at_bound(const Json& option, const char* bound, double inward) {
    const double value = option[bound],
                 step = option[std::string(bound) + "_excluded"].get<bool>() ? inward : 0;
    if (option["kind"] == "count")
        return static_cast<int64_t>(value + (step > 0 ? 1 : step < 0 ? -1 : 0));
    return value + step * 1e-6 * std::max(1.0, std::abs(value));
}

std::vector<Json> extremes_of(const Json& option) {
    std::vector<Json> out;
    if (option["kind"] == "choice")
        for (const auto& choice : option["choices"]) out.push_back(choice);
    if (option["kind"] == "flag") out = {true, false};
    if (!numeric(option)) return out;
    if (!option["min"].is_null() && std::abs(option["min"].get<double>()) <= most_count)
        out.push_back(at_bound(option, "min", 1));
    if (!option["max"].is_null() &&
        (option["kind"] != "count" || option["max"].get<double>() <= most_count))
        out.push_back(at_bound(option, "max", -1));
    return out;
}

} // namespace

std::vector<Variant> variants(const Subject& subject) {
    std::vector<Variant> out{{Json::object(), ""}};
    const auto made = construct_once(subject.method, small_stream(subject), {}, {});
    for (const auto& option : made["options"]) {
        if (option["kind"] != "choice" && option["kind"] != "flag") continue;
        for (const auto& value : extremes_of(option)) {
            if (value == option["default"]) continue;
            const std::string name = option["name"];
            try {
                const Settings given{{name, Setting{value, "check"}}};
                construct_once(subject.method, small_stream(subject), given, {});
                out.push_back({{{name, value}}, name + " = " + value.dump()});
            } catch (const Error& e) {
                if (e.code() != 65) throw;
            }
        }
    }
    return out;
}

Verdict check_options(const Subject& subject) {
    const auto made = construct_once(subject.method, small_stream(subject), {}, {});
    std::string names;
    for (const auto& option : made["options"]) {
        const std::string name = option["name"];
        if (option["help"].get<std::string>().empty())
            return {Verdict::fail,
                    "option " + name + " has no help; one line of it would be right"};
        if (numeric(option) && option["min"].is_null() && option["max"].is_null())
            return {Verdict::fail,
                    "option " + name +
                        " has no bounds; {.min = ...}, {.above = ...} or the like would be right"};
        names += (names.empty() ? "" : ", ") + name;
    }
    return {Verdict::pass, names.empty() ? "it has none" : names};
}

Verdict check_extremes(const Subject& subject) {
    const auto made = construct_once(subject.method, small_stream(subject), {}, {});
    const auto spec = tiny_stream(subject);
    int64_t tried = 0, diverged = 0;
    std::string refused;
    for (const auto& option : made["options"])
        for (const auto& value : extremes_of(option)) {
            const std::string name = option["name"], setting = name + " = " + value.dump();
            announce(subject, "extremes", setting);
            try {
                const auto blocks = train(subject, cell_of(subject, spec, {1}, {{name, value}}));
                diverged += blocks.front().outcome.at({0, 0}) ==
                            static_cast<int32_t>(results::Outcome::diverged);
                ++tried;
            } catch (const Broken& e) {
                return {Verdict::fail, setting + ": " + e.what};
            } catch (const Error& e) {
                if (e.code() != 65) throw;
                refused += (refused.empty() ? "" : ", ") +
                           setting; // a sentence at plan time: it needs other settings beside it
            }
        }
    return {Verdict::pass,
            text(tried, " settings", diverged ? text(", ", diverged, " diverge") : "",
                 refused.empty() ? "" : "; refused by its constructor: " + refused)};
}

} // namespace mneme::harness::examiner
