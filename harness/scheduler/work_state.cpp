// SPDX-License-Identifier: Apache-2.0
#include "scheduler/work_state.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <stdexcept>

#include <fmt/format.h>
#include <base/atomic_file.hpp>
#include <base/regular_file.hpp>
#include <base/system.hpp>

#include "protocol/codec.hpp"

namespace fs = std::filesystem;

namespace mneme::scheduler {
namespace {

constexpr std::uint64_t most_bytes = 16 << 20;
constexpr std::chrono::seconds renewed_within{60};

bool is_alive(const WorkState& state, const fs::path& file) {
    if (state.host == base::host_name())
        return state.process > 0 && (kill(pid_t(state.process), 0) == 0 || errno == EPERM);
    std::error_code error;
    const auto written = fs::last_write_time(file, error);
    return !error && fs::file_time_type::clock::now() - written < renewed_within;
}

} // namespace

void write_state(const fs::path& path, const WorkState& state) {
    base::replace_file(path, protocol::encode(state).dump() + "\n");
}

std::vector<WorkState> work_in(const protocol::RunFolder& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator at(folder.cells(), error), end; !error && at != end;
         at.increment(error))
        if (protocol::RunFolder::is_progress(at->path())) files.push_back(at->path());
    std::sort(files.begin(), files.end());
    std::vector<WorkState> states;
    for (const fs::path& file : files) {
        try {
            const auto json =
                protocol::Json::parse(base::read_file(file, most_bytes), nullptr, false);
            states.push_back(protocol::decoded<WorkState>(json));
            if (!is_alive(states.back(), file)) states.pop_back();
        } catch (const std::runtime_error&) { // it has just ended, or is a stranger's
        }
    }
    return states;
}

std::string place(const RunningCell& cell) {
    if (cell.stage == "evaluate" && cell.task == 0) return "evaluating before the first task";
    if (cell.task == 0) return "starting";
    std::string text = fmt::format("task {}/{}", cell.task, cell.tasks);
    if (cell.stage == "evaluate") text += fmt::format(", test {}/{}", cell.step, cell.steps);
    if (cell.stage == "train" && !cell.phase.empty() && cell.phase != "train")
        text += ", " + cell.phase;
    if (cell.stage == "train" && cell.steps > 0)
        text += fmt::format(", step {}/{}", cell.step, cell.steps);
    return text;
}

} // namespace mneme::scheduler
