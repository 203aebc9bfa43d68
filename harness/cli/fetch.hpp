// SPDX-License-Identifier: Apache-2.0
// mneme data fetch: brings a data set here, whole or not at all.
#pragma once

#include <benchmarks/dataset.hpp>

#include "cli/console.hpp"
#include "cli/options.hpp"

namespace mneme::cli {

// Returns the exit code; says on stdout where the set is.
int fetch(const bench::DatasetInfo&, const Options&, const Console&);

} // namespace mneme::cli
