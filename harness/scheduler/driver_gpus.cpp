// SPDX-License-Identifier: Apache-2.0
#include "scheduler/driver_gpus.hpp"

#include <dlfcn.h>

#include <array>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>
#include <base/child_read.hpp>

namespace mneme::scheduler {
namespace {

constexpr const char* library_name = "libnvidia-ml.so.1"; // part of each driver

// Of NVML, whose header comes with the CUDA toolkit and not with the driver. Functions return 0
// where they succeed.
namespace nvml {

using Device = struct Opaque*;
struct Memory {
    unsigned long long total, free, used; // bytes
};
constexpr unsigned longest_uuid = 96;

} // namespace nvml

class Driver final {
  public:
    Driver() : file_(::dlopen(library_name, RTLD_NOW | RTLD_LOCAL)) {
        if (!file_ || call<>("nvmlInit_v2") != 0) throw std::runtime_error("no driver");
    }

    unsigned gpus() const {
        unsigned count = 0;
        return call<unsigned*>("nvmlDeviceGetCount_v2", &count) == 0 ? count : 0;
    }
    nvml::Device gpu(unsigned index) const {
        nvml::Device device = nullptr;
        call<unsigned, nvml::Device*>("nvmlDeviceGetHandleByIndex_v2", index, &device);
        return device;
    }
    std::vector<nvml::Device> slices(nvml::Device gpu) const {
        std::vector<nvml::Device> found;
        unsigned most = 0;
        call<nvml::Device, unsigned*>("nvmlDeviceGetMaxMigDeviceCount", gpu, &most);
        for (unsigned i = 0; i < most; ++i) {
            nvml::Device slice = nullptr;
            if (call<nvml::Device, unsigned, nvml::Device*>("nvmlDeviceGetMigDeviceHandleByIndex",
                                                            gpu, i, &slice) == 0)
                found.push_back(slice);
        }
        return found;
    }
    // "UUID free\n", with "UUID -\n" where the memory is not known.
    std::string line(nvml::Device device) const {
        std::array<char, nvml::longest_uuid> uuid{};
        if (call<nvml::Device, char*, unsigned>("nvmlDeviceGetUUID", device, uuid.data(),
                                                nvml::longest_uuid) != 0)
            return "";
        nvml::Memory memory{};
        const bool known =
            call<nvml::Device, nvml::Memory*>("nvmlDeviceGetMemoryInfo", device, &memory) == 0;
        return fmt::format("{} {}\n", uuid.data(), known ? std::to_string(memory.free) : "-");
    }

  private:
    // An older driver lacks some: -1.
    template <class... Arguments> int call(const char* name, Arguments... arguments) const {
        const auto function = reinterpret_cast<int (*)(Arguments...)>(::dlsym(file_, name));
        return function ? function(arguments...) : -1;
    }

    void* file_;
};

// Lines "index UUID free"; the index of a slice is -.
std::string asked() {
    const Driver driver;
    std::string text;
    for (unsigned index = 0; index < driver.gpus(); ++index) {
        const nvml::Device gpu = driver.gpu(index);
        if (!gpu) continue; // lost, or somebody else's
        const auto slices = driver.slices(gpu);
        for (const nvml::Device slice : slices) text += "- " + driver.line(slice);
        if (slices.empty()) text += fmt::format("{} {}", index, driver.line(gpu));
    }
    return text;
}

} // namespace

std::vector<Gpu> driver_gpus() {
    std::vector<Gpu> gpus;
    std::istringstream lines;
    try {
        lines.str(base::read_in_child(library_name, asked));
    } catch (const std::runtime_error&) {
        return gpus;
    }
    for (std::string index, uuid, free; lines >> index >> uuid >> free;) {
        Gpu gpu{uuid};
        if (index != "-") gpu.index = std::stoul(index);
        if (free != "-") gpu.free = std::stoull(free);
        gpus.push_back(gpu);
    }
    return gpus;
}

} // namespace mneme::scheduler
