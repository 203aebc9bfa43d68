// SPDX-License-Identifier: Apache-2.0
// Checks of what a method declares.
#include <cmath>

#include <base/error.hpp>

#include "worker/commands.hpp"
#include "worker/examiner/examiner.hpp"

namespace mneme::harness::examiner {
namespace {

constexpr double most_count = 10000; // a larger bound would test the machine's memory

using protocol::Option;

bool numeric(const Option& option) {
    return option.kind == "number" || option.kind == "real" || option.kind == "count";
}

// A value at a bound, or just inside where the bound itself is excluded.
Json at_bound(const Option& option, double value, bool excluded, double inward) {
    const double step = excluded ? inward : 0;
    if (option.kind == "count")
        return static_cast<int64_t>(value + (step > 0 ? 1 : step < 0 ? -1 : 0));
    return value + step * 1e-6 * std::max(1.0, std::abs(value));
}

std::vector<Json> extremes_of(const Option& option) {
    std::vector<Json> out;
    if (option.kind == "choice") out.assign(option.choices.begin(), option.choices.end());
    if (option.kind == "flag") out = {true, false};
    if (!numeric(option)) return out;
    if (option.min && std::abs(*option.min) <= most_count)
        out.push_back(at_bound(option, *option.min, option.min_excluded, 1));
    if (option.max && (option.kind != "count" || *option.max <= most_count))
        out.push_back(at_bound(option, *option.max, option.max_excluded, -1));
    return out;
}

} // namespace

std::vector<Variant> variants(const Subject& subject) {
    const auto tiny = tiny_stream(subject);
    std::vector<Variant> out{{Json::object(), "", small_stream(subject)}};
    const auto add = [&](const Json& options, const std::string& text, const bench::Spec& spec) {
        Settings given;
        for (const auto& [key, value] : options.items()) given.push_back({key, {value, "check"}});
        try {
            construct_once(subject.method, spec, given, {});
            out.push_back({options, text, spec});
        } catch (const base::ExitError& e) {
            if (e.code() != base::ExitCode::bad_input) throw;
        }
    };
    if (!subject.has(MNEME_NEEDS_TASK_ID))
        add(Json::object(), "scenario class", of_scenario_class(tiny));
    const auto made = construct_once(subject.method, small_stream(subject), {}, {});
    for (const auto& option : made.options) {
        if (option.kind != "choice" && option.kind != "flag") continue;
        for (const auto& value : extremes_of(option)) {
            if (value == option.standard) continue;
            const std::string name = option.name;
            add({{name, value}}, name + " = " + value.dump(), tiny);
        }
    }
    return out;
}

Verdict check_options(const Subject& subject) {
    const auto made = construct_once(subject.method, small_stream(subject), {}, {});
    std::string names;
    for (const auto& option : made.options) {
        const std::string name = option.name;
        if (option.help.empty())
            return {Verdict::fail, "option " + name + " has no help; give it one line"};
        if (numeric(option) && !option.min && !option.max)
            return {Verdict::fail, "option " + name +
                                       " has no bounds; give it {.min = ...}, {.above = ...} or "
                                       "the like"};
        names += (names.empty() ? "" : ", ") + name;
    }
    return {Verdict::pass, names.empty() ? "it has none" : names};
}

Verdict check_extremes(const Subject& subject) {
    const auto made = construct_once(subject.method, small_stream(subject), {}, {});
    const auto spec = tiny_stream(subject);
    int64_t tried = 0, diverged = 0;
    std::string refused;
    for (const auto& option : made.options)
        for (const auto& value : extremes_of(option)) {
            const std::string name = option.name, setting = name + " = " + value.dump();
            announce(subject, "extremes", setting);
            try {
                const auto blocks = train(subject, cell_of(subject, spec, {1}, {{name, value}}));
                diverged += blocks.front().outcome.at({0, 0}) ==
                            static_cast<int32_t>(results::Outcome::diverged);
                ++tried;
            } catch (const Broken& e) {
                return {Verdict::fail, setting + ": " + e.what};
            } catch (const base::ExitError& e) {
                if (e.code() != base::ExitCode::bad_input) throw;
                refused += (refused.empty() ? "" : ", ") +
                           setting; // a sentence at plan time: it needs other settings beside it
            }
        }
    return {Verdict::pass,
            text(tried, " settings", diverged ? text(", ", diverged, " diverge") : "",
                 refused.empty() ? "" : "; refused by its constructor: " + refused)};
}

} // namespace mneme::harness::examiner
