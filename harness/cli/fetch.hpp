// SPDX-License-Identifier: Apache-2.0
// mneme data fetch: brings a data set here, whole or not at all.
#pragma once

#include <base/error.hpp>
#include <benchmarks/dataset.hpp>

#include "cli/console.hpp"
#include "cli/options.hpp"

namespace mneme::cli {

struct FetchOptions {
    std::filesystem::path from;       // a folder that has the files
    std::vector<std::string> mirrors; // addresses instead of the official ones
    std::int64_t patience = 0;        // seconds; 0: the default
};
void declare(Arguments&, FetchOptions&);

// Returns the exit code; says on stdout where the set is.
base::ExitCode fetch(const bench::DatasetInfo&, const FetchOptions&, const DataOptions&, bool json,
                     const Console&);

} // namespace mneme::cli
