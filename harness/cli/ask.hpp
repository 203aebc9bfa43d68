// SPDX-License-Identifier: Apache-2.0
// Asking a worker one question.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/ending.hpp"
#include "cli/supervise.hpp"

namespace mneme::cli {

struct Answer {
    std::vector<nlohmann::json> messages;
    Ending ending;
    int signal = 0; // to us, while it was asked

    const nlohmann::json* find(const char* event) const; // the last of its kind, or null
};

// How a worker is started here: its program, thread counts, library path.
Launch worker_launch(const std::filesystem::path& torch, std::vector<std::string> arguments,
                     int threads = 1);

Answer ask(const Launch&, const std::filesystem::path& log, const Limits&);

// Throws mneme::Error when the answer is an `error` message (its text and exit code), when we were
// interrupted (130), or when the worker ended without having said `event` (70).
const nlohmann::json& expect(const Answer&, const char* event, const std::string& question);

} // namespace mneme::cli
