// SPDX-License-Identifier: Apache-2.0
// Asking a worker one question.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/ending.hpp"
#include "cli/supervise.hpp"
#include "protocol/messages.hpp"

namespace mneme::cli {

struct Answer {
    std::vector<protocol::Message> messages;
    Ending ending;
    int signal = 0; // to us, while it was asked

    template <class Kind> const Kind* find() const { // the last of its kind, or null
        for (auto at = messages.rbegin(); at != messages.rend(); ++at)
            if (const auto* found = std::get_if<Kind>(&*at)) return found;
        return nullptr;
    }
};

// How a worker is started here: its program, thread counts, library path.
Launch worker_launch(const std::filesystem::path& torch, std::vector<std::string> arguments,
                     int threads = 1);

Answer ask(const Launch&, const std::filesystem::path& log, const Limits&);

// Throws ExitError when the answer is an `error` message (its text and exit code), or when we were
// interrupted.
void require_answer(const Answer&, const std::string& question);
[[noreturn]] void refuse_silence(const Answer&, const std::string& question);

// The answer of that kind. Throws as require_answer, and when the worker ended without it.
template <class Kind> const Kind& expect(const Answer& answer, const std::string& question) {
    require_answer(answer, question);
    if (const auto* found = answer.find<Kind>()) return *found;
    refuse_silence(answer, question);
}

} // namespace mneme::cli
