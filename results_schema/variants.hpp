// SPDX-License-Identifier: Apache-2.0
// Which methods of several files are one method of the merged file.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include <results/block.hpp>

namespace mneme::results {

using Texts = std::map<std::string, std::string>;

// A benchmark as one file has it, without its numbers. It is there once for each run, so texts that
// many of them share are kept elsewhere.
struct Part {
    const std::string* source = nullptr;
    std::vector<std::string> methods;
    std::vector<std::int32_t> seeds;
    std::vector<Outcome> outcomes;        // [method, seed]
    std::vector<std::string> messages;    // likewise; empty: no run has one
    std::vector<const Texts*> provenance; // of each method; null: it has none
    std::vector<std::uint64_t> places;    // of the runs in their store
    const std::map<std::string, std::pair<std::string, std::string>>* diagnostics =
        nullptr; // name -> units, help
};

struct Row { // one method of one part
    const Part* part;
    std::size_t method;
};

struct Variant { // one method of the merged file: one label, one way of training, one build
    std::string label, original;
    std::vector<Row> rows;
};

bool ran(const Row&, std::size_t seed); // seed: its index in the row's part
bool ran(const Row&);                   // any seed
Outcome outcome(const Row&, std::size_t seed);

// Of a block of one run.
std::vector<std::int32_t> counts(const Block&);
std::vector<double> reported(const Block&); // of an imported one; -1 for NaN

// Complete before diverged, before failed, timeout and refused, before missing: a lower number is
// the better outcome.
int rank(Outcome);

// Rows of one label with the same settings, precision, kind of device and build of the plugin, as
// far as they say, are one variant. Settings that differ give LABEL@SOURCE, builds LABEL@VERSION,
// or LABEL@ the first digits of the file's SHA-256 where the version is equal.
std::vector<Variant> variants_of(const std::deque<Part>&,
                                 const std::vector<std::string>& all_sources);

} // namespace mneme::results
