// SPDX-License-Identifier: Apache-2.0
#include "scheduler/device.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <fmt/format.h>
#include <base/error.hpp>

namespace mneme::scheduler {

namespace {

// By its UUID, of which CUDA takes the beginning, or by its number.
std::optional<std::uint64_t> free_bytes(const std::vector<Gpu>& gpus, const std::string& name) {
    for (const Gpu& gpu : gpus)
        if (!name.empty() &&
            (gpu.name.starts_with(name) || (gpu.index && std::to_string(*gpu.index) == name)))
            return gpu.free;
    return std::nullopt;
}

} // namespace

bool may_use_gpu(const std::string& device) {
    std::error_code ignored;
    return device == "cuda" ||
           (device != "cpu" && std::filesystem::exists("/dev/nvidiactl", ignored));
}

std::string choose_device(const std::string& device, const protocol::Gpu* gpu) {
    if (gpu && gpu->usable) return "cuda";
    if (device != "cuda") return "cpu";
    throw base::ExitError(
        base::ExitCode::bad_input,
        fmt::format("--device cuda: no usable GPU{}; use --device cpu",
                    gpu && !gpu->message.empty() ? " (" + gpu->message + ")" : ""));
}

std::vector<Gpu> visible_gpus() {
    const std::vector<Gpu> driver = driver_gpus();
    if (const char* allowed = std::getenv("CUDA_VISIBLE_DEVICES")) {
        std::vector<Gpu> gpus;
        const std::string list = allowed;
        for (std::size_t begin = 0, end; begin < list.size(); begin = end + 1) {
            end = std::min(list.find(',', begin), list.size());
            const std::string name = list.substr(begin, end - begin);
            gpus.push_back({name, free_bytes(driver, name)});
        }
        return gpus;
    }
    if (!driver.empty()) return driver;
    std::vector<Gpu> gpus;
    std::error_code none;
    for (const auto& gpu : std::filesystem::directory_iterator("/proc/driver/nvidia/gpus", none)) {
        (void)gpu;
        gpus.push_back({std::to_string(gpus.size())});
    }
    return gpus;
}

std::size_t workers_at_once(const std::string& device) {
    const std::size_t units =
        device == "cuda" ? visible_gpus().size() : std::thread::hardware_concurrency();
    return std::max<std::size_t>(units, 1);
}

} // namespace mneme::scheduler
