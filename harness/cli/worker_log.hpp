// SPDX-License-Identifier: Apache-2.0
// What a worker printed, in a file that cannot grow without bound.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "cli/descriptor.hpp"

namespace mneme::cli {

class WorkerLog final {
  public:
    // An empty path: nothing is kept. A log that cannot be written is no reason to stop a run: it
    // stays silent.
    WorkerLog(const std::filesystem::path&, std::uint64_t most);
    ~WorkerLog(); // says how much was dropped; an empty log goes
    WorkerLog(const WorkerLog&) = delete;
    WorkerLog& operator=(const WorkerLog&) = delete;

    void add(std::string_view);

  private:
    std::filesystem::path path_;
    Descriptor file_;
    std::uint64_t most_, written_ = 0, dropped_ = 0;
};

} // namespace mneme::cli
