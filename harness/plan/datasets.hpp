// SPDX-License-Identifier: Apache-2.0
// The data sets that can be named: those that are built in, described in benchmarks/datasets, and a
// user's own. Faults as in suite.hpp.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <benchmarks/dataset.hpp>

namespace mneme::harness {

const std::vector<bench::DatasetInfo>& built_in_datasets();
const bench::DatasetInfo& built_in_dataset(const std::string& name);

// The sets described in the folders, and in the folders below the data folders; of two with one
// name the earlier counts.
std::vector<bench::DatasetInfo> own_datasets(
    const std::vector<std::filesystem::path>& folders,
    const std::vector<std::filesystem::path>& data_folders);

// The texts of benchmarks/datasets, which are compiled in: a name means the same data wherever the
// program runs.
struct BuiltInDescription {
    std::string_view name, toml;
};
extern const std::vector<BuiltInDescription> built_in_descriptions;

} // namespace mneme::harness
