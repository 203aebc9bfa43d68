// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>
#include <base/folders.hpp>

#include <base/error.hpp>
#include "cli/described.hpp"
#include "cli/folders.hpp"
#include "cli/kept_json.hpp"
#include "leaderboard/table.hpp"
#include "protocol/codec.hpp"
#include "scheduler/version.hpp"
#include "supervisor/query_worker.hpp"

namespace fs = std::filesystem;

namespace mneme::cli {
namespace {

using base::ExitCode;
using scheduler::version;

using Json = nlohmann::json;
using leaderboard::Format;
using leaderboard::Table;

constexpr std::size_t most_kept_files = 100;

Json answers_of(const Method& method, const fs::path& torch) {
    const fs::path file =
        base::cache_folder() / "describe" / fmt::format("{}-{}.json", method.sha256, version);
    // Only a helper: whatever is wrong with the cache, the worker can be asked.
    if (const auto kept = kept_json(file); kept.is_array()) return Json(kept);
    Json answers = Json::array();
    const supervisor::Answer answer = supervisor::query_worker(supervisor::worker_launch(
        worker_program(torch), {"describe", method.path.string(), method.sha256}));
    for (const auto& message : answer.messages)
        if (const auto* made = std::get_if<protocol::Constructed>(&message))
            answers.push_back(protocol::encode(*made));
    supervisor::require_answer(answer, "mneme-worker describe " + method.path.string());
    if (answer.exit.cause == supervisor::ExitCause::signalled ||
        (answer.exit.cause != supervisor::ExitCause::exited && answer.signal == 0))
        throw base::ExitError(
            ExitCode::plugin_refused,
            fmt::format("{}: plugin refused: describing it ended the worker: {}; a method must be "
                        "constructed without that",
                        method.path.string(), answer.exit.reason()));
    supervisor::require_event<protocol::Constructed>(
        answer, "mneme-worker describe " + method.path.string());
    keep_json(file, answers, most_kept_files); // where it cannot be, the next call asks again
    return answers;
}

std::string shown(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.is_null() ? "-" : value.dump();
}

std::string bounds(const Json& option) {
    if (option.contains("choices") && !option["choices"].empty()) {
        std::vector<std::string> choices;
        for (const Json& choice : option["choices"]) choices.push_back(shown(choice));
        return fmt::format("{}", fmt::join(choices, " | "));
    }
    std::vector<std::string> parts;
    if (option.contains("min") && !option["min"].is_null())
        parts.push_back((option.value("min_excluded", false) ? "> " : ">= ") +
                        shown(option["min"]));
    if (option.contains("max") && !option["max"].is_null())
        parts.push_back((option.value("max_excluded", false) ? "< " : "<= ") +
                        shown(option["max"]));
    return fmt::format("{}", fmt::join(parts, ", "));
}

} // namespace

Described describe_method(const Method& method, const fs::path& torch) {
    const Json answers = answers_of(method, torch);
    const auto found = std::find_if(answers.begin(), answers.end(), [&](const Json& one) {
        return one.value("id", "") == method.id;
    });
    if (found == answers.end())
        throw base::ExitError(
            ExitCode::plugin_refused,
            fmt::format("{}: plugin refused: its note names method \"{}\", the plugin does "
                        "not have it; build the plugin anew"
                        "",
                        method.path.string(), method.id));
    Described out;
    out.json = {{"kind", "method"},
                {"id", method.id},
                {"version", method.version},
                {"summary", method.summary},
                {"paper", method.paper},
                {"flags", method.flags},
                {"file", method.path.string()},
                {"sha256", method.sha256},
                {"options", (*found)["options"]}};
    Table table{{{"option"}, {"kind"}, {"default"}, {"bounds"}, {"help"}}, {}};
    for (const Json& option : (*found)["options"])
        table.rows.push_back({option.value("name", ""), option.value("kind", ""),
                              shown(option.value("default", Json())), bounds(option),
                              option.value("help", "")});
    out.text =
        fmt::format("method {} {}\n{}\npaper: {}\nflags: {}\nfile: {}\n\n", method.id,
                    method.version, method.summary, method.paper.empty() ? "-" : method.paper,
                    method.flags.empty() ? "-" : fmt::format("{}", fmt::join(method.flags, " ")),
                    method.path.string());
    out.text += table.rows.empty() ? "no options\n" : render(table, Format::table);
    return out;
}

} // namespace mneme::cli
