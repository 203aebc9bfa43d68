// SPDX-License-Identifier: Apache-2.0
// Brings a data set here, whole or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <base/status_output.hpp>
#include <benchmarks/dataset.hpp>

namespace mneme::fetcher {

struct FetchRequest {
    std::filesystem::path from;       // a folder that has the files; empty: from the network
    std::vector<std::string> mirrors; // addresses instead of the official ones
    std::int64_t patience_s = 30;     // without a byte before it tries again
};

struct Fetched {
    std::filesystem::path folder;
    std::string payload_digest;
};

// Into the first of `folders`; a set that lies in one of them already is verified. Throws
// base::ExitError: temporary where the same call may go on where this one stopped.
Fetched fetch(const bench::DatasetInfo&, const std::vector<std::filesystem::path>& folders,
              const FetchRequest&, const base::StatusOutput&);

} // namespace mneme::fetcher
