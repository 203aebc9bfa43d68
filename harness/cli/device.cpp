// SPDX-License-Identifier: Apache-2.0
#include "cli/device.hpp"

#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <mneme/error.hpp>

#include "cli/exit_code.hpp"

namespace mneme::cli {

bool may_use_gpu(const std::string& device) {
    std::error_code ignored;
    return device == "cuda" ||
           (device != "cpu" && std::filesystem::exists("/dev/nvidiactl", ignored));
}

std::string choose_device(const std::string& device, const nlohmann::json& gpu) {
    if (gpu.is_object() && gpu.value("usable", false)) return "cuda";
    if (device != "cuda") return "cpu";
    const std::string why = gpu.is_object() ? gpu.value("message", "") : "";
    throw Error(fmt::format("--device cuda: no usable GPU{}; --device cpu would be right",
                            why.empty() ? "" : " (" + why + ")"),
                bad_input);
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
