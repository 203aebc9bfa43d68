// SPDX-License-Identifier: Apache-2.0
#include "submit/checks.hpp"

#include <fstream>
#include <regex>

#include <fmt/format.h>
#include <base/error.hpp>
#include <base/text.hpp>

namespace mneme::submit {
namespace {

using base::ExitCode;

// Slurm may send the signal that comes 120 s before the limit another 60 s earlier.
constexpr std::int64_t shortest_time = 300;
constexpr std::int64_t most_indexes = 100'000; // of a Job of Kubernetes with backoffLimitPerIndex

[[noreturn]] void refuse(const std::string& option, const std::string& value,
                         const std::string& why) {
    throw base::ExitError(ExitCode::usage,
                          fmt::format("{} {}: {}", option, base::in_quotes(value), why));
}

void require_time(const std::string& time) {
    if (time.empty()) return;
    const auto seconds = seconds_of(time);
    if (!seconds)
        refuse("--time", time,
               "is not a time limit of Slurm; write minutes, hours:minutes:seconds or "
               "days-hours:minutes:seconds");
    if (*seconds < shortest_time)
        refuse("--time", time,
               "a task is stopped up to three minutes before its limit; give five minutes or more");
}

void require_word(const std::string& option, const std::string& value) {
    if (value.empty()) return;
    if (value.front() == '-' || value.find_first_of(" \t") != std::string::npos ||
        base::has_control_characters(value))
        refuse(option, value,
               "is not a name that a scheduler knows; it has no spaces and does not "
               "begin with -");
}

void require_hosts(const std::filesystem::path& file) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);)
        if (line.find_first_not_of(" \t\r") != std::string::npos &&
            line[line.find_first_not_of(" \t\r")] != '#')
            return;
    throw base::ExitError(
        ExitCode::bad_input,
        fmt::format("--parallel {}: no host is in it; write a host a line, as ssh knows it (: is "
                    "this machine)",
                    file.string()));
}

void require_kubernetes(const Submission& submission) {
    if (submission.image.empty() || submission.claim.empty())
        throw base::ExitError(
            ExitCode::usage,
            fmt::format("--kubernetes: {} missing; give --image NAME, which has mneme in it, and "
                        "--claim NAME, the volume claim that holds the results folder",
                        submission.image.empty() ? "the image is" : "the volume claim is"));
    if (!std::regex_match(submission.claim, std::regex("[a-z0-9]([a-z0-9.-]*[a-z0-9])?")))
        refuse("--claim", submission.claim,
               "is not the name of a volume claim; it has small letters, digits, - and .");
    require_word("--image", submission.image);
    if (submission.tasks() > most_indexes)
        refuse("--pack", std::to_string(submission.pack),
               fmt::format("{} pods are more than the {} indexes that a Job may have; give {} or "
                           "more",
                           submission.tasks(), most_indexes,
                           (submission.cells + most_indexes - 1) / most_indexes));
}

} // namespace

std::optional<std::int64_t> seconds_of(const std::string& time) {
    static const std::regex with_days(
        "([0-9]{1,5})-([0-9]{1,5})(?::([0-9]{1,5})(?::([0-9]{1,5}))?)?");
    static const std::regex plain("([0-9]{1,7})(?::([0-9]{1,5})(?::([0-9]{1,5}))?)?");
    std::smatch match;
    const auto part = [&](std::size_t i) -> std::int64_t {
        return match[i].matched ? std::stoll(match[i].str()) : 0;
    };
    if (std::regex_match(time, match, with_days))
        return ((part(1) * 24 + part(2)) * 60 + part(3)) * 60 + part(4);
    if (!std::regex_match(time, match, plain)) return std::nullopt;
    if (match[3].matched) return (part(1) * 60 + part(2)) * 60 + part(3);
    return part(1) * 60 + part(2);
}

void require_possible(const Submission& submission) {
    if (submission.cells == 0)
        throw base::ExitError(ExitCode::bad_input,
                              fmt::format("{}: its plan has no cells; there is nothing to submit",
                                          submission.folder.string()));
    if (base::has_control_characters(submission.folder.string()))
        throw base::ExitError(ExitCode::usage,
                              fmt::format("-o {}: holds control characters; give another folder",
                                          base::in_quotes(submission.folder.string())));
    if (submission.jobs > submission.pack)
        refuse("--jobs", std::to_string(submission.jobs),
               fmt::format(
                   "a task has only {} to train; give --pack {} or more",
                   submission.pack == 1 ? "one cell" : fmt::format("{} cells", submission.pack),
                   submission.jobs));
    require_time(submission.time);
    require_word("--partition", submission.partition);
    require_word("--gres", submission.gres);
    require_word("--account", submission.account);
    if (submission.target == Target::parallel) require_hosts(submission.hosts);
    if (submission.target == Target::kubernetes) require_kubernetes(submission);
}

} // namespace mneme::submit
