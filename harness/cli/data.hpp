// SPDX-License-Identifier: Apache-2.0
// Data sets as the commands see them: the built-in ones, and the user's own.
#pragma once

#include <vector>

#include <base/error.hpp>
#include <benchmarks/dataset.hpp>

#include "cli/options.hpp"

namespace mneme::cli {

std::vector<bench::DatasetInfo> known_datasets(const DataOptions&);

base::ExitCode list_datasets(const DataOptions&, Format); // mneme list datasets, mneme data list

} // namespace mneme::cli
