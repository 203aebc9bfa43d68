// SPDX-License-Identifier: Apache-2.0
// What a worker printed, in a file that cannot grow without bound.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <base/descriptor.hpp>

namespace mneme::supervisor {

class WorkerLog final {
  public:
    // An empty path: nothing is kept. A log that cannot be written does not stop a run: nothing is
    // kept then either. Whatever stands at the path is replaced, never written through.
    WorkerLog(const std::filesystem::path&, std::uint64_t most);
    ~WorkerLog(); // says how much was dropped; an empty log goes
    WorkerLog(const WorkerLog&) = delete;
    WorkerLog& operator=(const WorkerLog&) = delete;

    void add(std::string_view);
    std::string last_line() const; // that is not empty, of the last few hundred bytes

  private:
    std::filesystem::path path_;
    std::string tail_;
    base::Descriptor file_;
    std::uint64_t most_, written_ = 0, dropped_ = 0;
};

} // namespace mneme::supervisor
