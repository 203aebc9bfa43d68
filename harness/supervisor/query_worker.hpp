// SPDX-License-Identifier: Apache-2.0
// Asking a worker one question.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "protocol/messages.hpp"
#include "supervisor/worker_exit.hpp"
#include "supervisor/worker_pool.hpp"
#include "supervisor/worker_program.hpp"

namespace mneme::supervisor {

struct Answer {
    std::filesystem::path program; // that was asked
    std::vector<protocol::Message> messages;
    WorkerExit exit;
    int signal = 0; // to us, while it was asked

    template <class Kind> const Kind* find() const { // the last of its kind, or null
        for (auto at = messages.rbegin(); at != messages.rend(); ++at)
            if (const auto* found = std::get_if<Kind>(&*at)) return found;
        return nullptr;
    }
};

// Of a worker that answers a question and trains nothing; it leaves no log.
inline constexpr double answer_stall_s = 120;
inline const Limits answer_limits{{0, answer_stall_s, 0}, 10, 0};

// `on_message` sees each message when it comes; all are in the answer.
Answer query_worker(const Launch&, const std::filesystem::path& log = {},
                    const Limits& = answer_limits,
                    std::function<void(const protocol::Message&)> on_message = {});

// Throws ExitError when the answer is an `error` message (its text and exit code), or when a signal
// stopped the question: to us, or to the worker from outside.
void require_answer(const Answer&, const std::string& question);
[[noreturn]] void refuse_silence(const Answer&, const std::string& question);

// The answer of that kind. Throws as require_answer, and when the worker ended without it.
template <class Kind> const Kind& require_event(const Answer& answer, const std::string& question) {
    require_answer(answer, question);
    if (const auto* found = answer.find<Kind>()) return *found;
    refuse_silence(answer, question);
}

} // namespace mneme::supervisor
