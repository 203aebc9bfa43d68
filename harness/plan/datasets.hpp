// SPDX-License-Identifier: Apache-2.0
// A user's own data sets: NAME.dataset.toml beside its files. Faults as in suite.hpp.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <benchmarks/dataset.hpp>

namespace mneme::harness {

bool is_dataset_file(const std::filesystem::path&); // by its name

// The sets described in the folders, and in the folders below the data folders; of two with one
// name the earlier counts.
std::vector<bench::DatasetInfo> own_datasets(
    const std::vector<std::filesystem::path>& folders,
    const std::vector<std::filesystem::path>& data_folders);

bench::DatasetInfo read_dataset(const std::filesystem::path&);

} // namespace mneme::harness
