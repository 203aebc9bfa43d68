// SPDX-License-Identifier: Apache-2.0
// Blocks to write, small and complete.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <results/results.hpp>

namespace mneme::results::test {

// A folder of its own, removed at the end.
class Folder final {
  public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
    const std::filesystem::path& path() const { return path_; }
    std::vector<std::string> names() const; // of what is in it, sorted

  private:
    std::filesystem::path path_;
};

std::string digest(char digit); // 64 of them

// Scenario domain, 3 tasks, 4 classes, 6 curve points; every array but weights and the task-aware counts. Numbers differ everywhere.
Block domain_block(const std::vector<std::string>& methods = {"finetune", "ewc[lambda=5]"},
                   const std::vector<std::int32_t>& seeds = {1, 2});
Block class_block(); // every array; 2 tasks of 2 classes; one method diverged, one run missing

File file_of(std::vector<Block> blocks);

} // namespace mneme::results::test
