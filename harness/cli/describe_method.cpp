// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <fstream>

#include <fmt/format.h>
#include <mneme/error.hpp>

#include "cli/ask.hpp"
#include "cli/described.hpp"
#include "cli/exit_code.hpp"
#include "cli/folders.hpp"
#include "cli/table.hpp"
#include "cli/version.hpp"
#include "protocol/codec.hpp"

namespace fs = std::filesystem;

namespace mneme::cli {
namespace {

using Json = nlohmann::json;

constexpr double describe_stall_s = 120;

// Only a helper: whatever is wrong with the cache, the worker can be asked.
Json cached(const fs::path& file) {
    std::ifstream in(file);
    return in ? Json::parse(in, nullptr, false) : Json();
}

void keep(const fs::path& file, const Json& answers) {
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    const fs::path draft = fmt::format("{}.tmp.{}", file.string(), getpid());
    const bool written = bool(std::ofstream(draft) << answers.dump() << std::flush);
    if (written) fs::rename(draft, file, error);
    if (!written || error) fs::remove(draft, error);
}

Json answers_of(const Method& method, const fs::path& torch) {
    const fs::path file =
        cache_folder() / "describe" / fmt::format("{}-{}.json", method.sha256, version);
    Json answers = cached(file);
    if (answers.is_array()) return answers;
    answers = Json::array();
    const Answer answer =
        ask(worker_launch(torch, {"describe", method.path.string(), method.sha256}), {},
            {0, describe_stall_s, 10, 0, 0});
    for (const auto& message : answer.messages)
        if (const auto* made = std::get_if<protocol::Constructed>(&message))
            answers.push_back(protocol::encode(*made));
    if (answer.ending.cause == Cause::signalled ||
        (answer.ending.cause != Cause::exited && answer.signal == 0))
        throw Error(fmt::format("{}: plugin refused: describing it ended the worker: {}; a plugin "
                                "that can be constructed would be right",
                                method.path.string(), answer.ending.reason()),
                    refused);
    expect<protocol::Constructed>(answer, "mneme-worker describe " + method.path.string());
    keep(file, answers);
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
        throw Error(fmt::format("{}: plugin refused: its note names method \"{}\", the plugin does "
                                "not have it; a note that agrees would be right",
                                method.path.string(), method.id),
                    refused);
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
