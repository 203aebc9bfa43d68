// SPDX-License-Identifier: Apache-2.0
// Which methods of several files are one method of the merged file.
#pragma once

#include <string>
#include <vector>

#include <results/block.hpp>

namespace mneme::results {

struct Part { // a benchmark as one file has it
    const Block* block;
    std::string source;
};

struct Row { // one method of one part
    const Part* part;
    std::size_t method;
};

struct Variant { // one method of the merged file: one label, one way of training, one build
    std::string label, original;
    std::vector<Row> rows;
};

bool ran(const Row&, std::size_t seed);                  // seed: its index in the row's block
bool ran(const Row&);                                    // any seed
std::size_t seed_index(const Block&, std::int32_t seed); // seeds.size(): not there
Outcome outcome(const Row&, std::size_t seed);
std::vector<std::int32_t> counts(const Row&, std::size_t seed); // of one run
std::vector<double> reported(const Row&, std::size_t seed);     // of an imported one; -1 for NaN

// Complete before diverged, before failed, timeout and refused, before missing: a lower number is
// the better outcome.
int rank(Outcome);

// Rows of one label with the same settings, precision, kind of device and build of the plugin, as
// far as they say, are one variant. Settings that differ give LABEL@SOURCE, builds LABEL@VERSION,
// or LABEL@ the first digits of the file's SHA-256 where the version is equal.
std::vector<Variant> variants_of(const std::vector<Part>&,
                                 const std::vector<std::string>& all_sources);

} // namespace mneme::results
