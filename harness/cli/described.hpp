// SPDX-License-Identifier: Apache-2.0
// What `describe` says about one thing.
#pragma once

#include <string>

#include <benchmarks/dataset.hpp>
#include <nlohmann/json.hpp>

#include "cli/methods.hpp"
#include "cli/options.hpp"

namespace mneme::cli {

struct Described {
    nlohmann::ordered_json json;
    std::string text;
    bool unreadable = false; // data that are here cannot be read
};

// Options, bounds, defaults and help need the plugin to be loaded: a worker does that, and its
// answer is kept by the file's SHA-256.
Described describe_method(const Method&, const std::filesystem::path& torch);

// Its effective keys, tasks, classes and sizes. Sizes need the data set to be here; without it the
// text says what is missing.
Described describe_benchmark(const std::string& name, const DataOptions&,
                             const std::filesystem::path& torch);

Described describe_dataset(const bench::DatasetInfo&, const DataOptions&);

} // namespace mneme::cli
