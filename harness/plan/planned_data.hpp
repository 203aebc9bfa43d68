// SPDX-License-Identifier: Apache-2.0
// What the data of benchmarks say before anything trains: digests, and what each task is left with.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <benchmarks/dataset.hpp>
#include <benchmarks/tasks.hpp>

namespace mneme::harness {

class PlannedData final {
  public:
    explicit PlannedData(std::vector<std::filesystem::path> folders)
        : folders_(std::move(folders)) {}

    // Of all data sets of a benchmark, with spaces between; every byte of each is read once, and
    // only the labels are kept. Throws std::runtime_error as bench::load does.
    std::string payload_digest(const bench::Spec&);

    // The tasks as they are for each of the seeds (for the first one where all see the same).
    // Throws std::runtime_error where a task is left without examples.
    std::vector<std::vector<bench::TaskInfo>> tasks(const bench::Spec&, const bench::Limits&,
                                                    const std::vector<int64_t>& seeds);

  private:
    const bench::Dataset& labels_of(const bench::DatasetInfo&);

    const std::vector<std::filesystem::path> folders_;
    std::map<std::string, bench::Dataset> known_; // without pixels
};

// One sentence where tasks are left without examples of some of their classes; else empty.
std::string missing_classes(const std::string& benchmark,
                            const std::vector<std::vector<bench::TaskInfo>>& tasks);

} // namespace mneme::harness
