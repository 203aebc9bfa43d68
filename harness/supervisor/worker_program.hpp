// SPDX-License-Identifier: Apache-2.0
// How mneme-worker is started on this machine.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "supervisor/process.hpp"

namespace mneme::supervisor {

struct WorkerProgram {
    std::filesystem::path program;
    std::filesystem::path torch; // folder of LibTorch's libraries; empty: the program knows it
};

Launch worker_launch(const WorkerProgram&, std::vector<std::string> arguments, int threads = 1);

} // namespace mneme::supervisor
