// SPDX-License-Identifier: Apache-2.0
// Which methods of several files are one method of the merged file.
#pragma once

#include <map>
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

struct Variant { // one method of the merged file: one label, one way of training
    std::string label, original;
    std::vector<Row> rows;

    // Same label, the same plugin, settings, precision and kind of device as far as both say, and
    // no seed that came out otherwise.
    bool takes(const Row&) const;
};

bool ran(const Row&, std::size_t seed);                  // seed: its index in the row's block
bool ran(const Row&);                                    // any seed
std::size_t seed_index(const Block&, std::int32_t seed); // seeds.size(): not there

// A short name for each source: "out/a.h5" becomes "a"; parents are added where that does not tell
// them apart.
std::map<std::string, std::string> tags(const std::vector<std::string>& sources);

} // namespace mneme::results
