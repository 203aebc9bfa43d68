// SPDX-License-Identifier: Apache-2.0
// Benchmark files: what is held fixed in a comparison, as TOML, as JSON, and as a digest. Faults as
// in suite.hpp.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace mneme::harness {

// Whether [network] weights has to name the file that a network starts from. A results file knows
// it by its SHA-256 alone.
enum class WeightsFile { required, known_by_digest };

// A path (it has a slash or ends with .toml; relative ones stand below `beside`) or a name to look
// for in the folders. `where` names the place that asks for it. Data sets of the user's own are
// looked for beside the file, in `folders` and in `data_folders`.
bench::Spec load_benchmark(const std::string& path_or_name,
                           const std::vector<std::filesystem::path>& folders,
                           const std::filesystem::path& beside = {},
                           const std::string& where = "benchmark",
                           const std::vector<std::filesystem::path>& data_folders = {},
                           WeightsFile = WeightsFile::required);

// One line of `mneme list benchmarks`. `fault` is the message of a file that cannot be read as a
// benchmark, else empty.
struct BenchmarkFile {
    std::string name, title, reference, fault;
    std::filesystem::path path;
    bench::Spec spec; // of a sound file
};

// By name; of two files with one name the earlier folder's counts.
std::vector<BenchmarkFile> find_benchmarks(
    const std::vector<std::filesystem::path>& folders,
    const std::vector<std::filesystem::path>& data_folders = {});

// {"stream": {...}, "scenario": {...}, "network": {...}, "train": {...}}: the keys that count for
// this kind of stream, with defaults filled in, and those of [train] that are set.
Json effective_keys(const bench::Spec&);
std::string to_toml(const bench::Spec&); // the same as a benchmark file

// `payload_digest`: of the data set, or of several with spaces between; empty for a stream without
// one.
std::string benchmark_digest(const bench::Spec&, const std::string& payload_digest);

} // namespace mneme::harness
