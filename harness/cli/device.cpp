// SPDX-License-Identifier: Apache-2.0
#include "cli/device.hpp"

#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <mneme/error.hpp>

#include "cli/ask.hpp"
#include "cli/exit_code.hpp"

namespace mneme::cli {

std::string choose_device(const Options& options) {
    if (options.device == "cpu") return "cpu";
    const bool named = options.device == "cuda";
    std::error_code ignored;
    if (!named && !std::filesystem::exists("/dev/nvidiactl", ignored)) return "cpu"; // a worker's start is not worth the question
    const Limits limits{0, 120, 10, 0, 0};
    const Answer answer = ask(worker_launch(options, {"doctor"}), {}, limits);
    const auto& doctor = expect(answer, "doctor", "mneme-worker doctor");
    const auto cuda = doctor.find("cuda");
    const bool here = cuda != doctor.end() && cuda->is_object() && cuda->value("usable", false);
    if (named && !here) {
        const std::string why = cuda != doctor.end() && cuda->is_object() ? cuda->value("message", "") : "";
        throw Error(fmt::format("--device cuda: no usable GPU{}; --device cpu would be right", why.empty() ? "" : " (" + why + ")"),
                    bad_input);
    }
    return here ? "cuda" : "cpu";
}

std::vector<std::string> visible_gpus() {
    std::vector<std::string> names;
    if (const char* allowed = std::getenv("CUDA_VISIBLE_DEVICES")) {
        std::string list = allowed;
        for (std::size_t begin = 0, end; begin < list.size(); begin = end + 1) {
            end = std::min(list.find(',', begin), list.size());
            names.push_back(list.substr(begin, end - begin));
        }
        return names;
    }
    std::error_code none;
    for (const auto& gpu : std::filesystem::directory_iterator("/proc/driver/nvidia/gpus", none)) {
        (void)gpu;
        names.push_back(std::to_string(names.size()));
    }
    return names;
}

} // namespace mneme::cli
