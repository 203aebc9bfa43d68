// SPDX-License-Identifier: Apache-2.0
// The description of a data set, NAME.dataset.toml: a user's, beside its files, or a built-in one
// of benchmarks/datasets. Faults as in suite.hpp.
#pragma once

#include <filesystem>
#include <string>

#include <benchmarks/dataset.hpp>

#include "plan/node.hpp"

namespace mneme::harness {

bool is_dataset_file(const std::filesystem::path&); // by its name

// A user's: its files are looked for in its folder, too, and its name is not a built-in one's.
bench::DatasetInfo read_dataset(const std::filesystem::path&);

// What the keys say and nothing else. `folder` stands in messages about the names of files.
bench::DatasetInfo read_description(const Node& root, const std::string& name,
                                    const std::filesystem::path& folder);

} // namespace mneme::harness
