// SPDX-License-Identifier: Apache-2.0
#include "cli/crash_stack.hpp"

#include <cstdlib>
#include <sstream>

#include <base/regular_file.hpp>

#include "cli/folders.hpp"
#include "supervisor/query_worker.hpp"

namespace fs = std::filesystem;

namespace mneme::cli {
namespace {

constexpr double gdb_stall_s = 300; // gdb reads LibTorch's symbols first
constexpr std::size_t most_frames = 8;

} // namespace

fs::path program_on_path(const std::string& name) {
    const char* path = std::getenv("PATH");
    std::istringstream folders(path ? path : "");
    std::error_code ignored;
    for (std::string folder; std::getline(folders, folder, ':');)
        if (auto program = fs::path(folder) / name; fs::is_regular_file(program, ignored))
            return program;
    return {};
}

std::vector<std::string> frames_in(const std::string& log, std::size_t most) {
    std::vector<std::string> frames;
    std::istringstream in(log);
    for (std::string line; std::getline(in, line) && frames.size() < most;)
        if (line.size() > 1 && line[0] == '#' && line[1] >= '0' && line[1] <= '9')
            frames.push_back(line);
    return frames;
}

std::vector<std::string> crash_stack(const fs::path& gdb, const fs::path& torch,
                                     const fs::path& request) {
    const fs::path log = fs::path(request).replace_filename("gdb.log");
    supervisor::Launch launch =
        supervisor::worker_launch(worker_program(torch), {"check", request.string()});
    launch.under = {gdb.string(),
                    "-nx",
                    "-batch",
                    "-ex",
                    "set startup-with-shell off",
                    "-ex",
                    "run",
                    "-ex",
                    "backtrace " + std::to_string(most_frames),
                    "--args"};
    supervisor::query_worker(launch, log, {{0, gdb_stall_s, 0}, 1, 1 << 20});
    std::error_code ignored;
    return fs::exists(log, ignored) ? frames_in(base::read_file(log, 1 << 21), most_frames)
                                    : std::vector<std::string>();
}

} // namespace mneme::cli
