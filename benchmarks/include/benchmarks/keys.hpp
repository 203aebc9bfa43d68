// SPDX-License-Identifier: Apache-2.0
// Every key of a benchmark file, once: where its value lies in a Spec, which values it may have,
// and which streams and networks have it. Reading, checking, the canonical digest, the JSON between
// processes, `mneme list benchmark-keys` and docs/benchmarks.md are all made from this table.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include <benchmarks/spec.hpp>

namespace mneme::bench {

// Where a key's value lies. The type says which values a file may give. Those of [train] may be
// unset.
using Field = std::variant<std::string*, int64_t*, double*, bool*, std::vector<std::string>*,
                           std::vector<int64_t>*, std::vector<double>*, ClassCounts*, ClassOrder*,
                           std::vector<LayerSpec>*, std::map<std::string, std::string>*,
                           std::optional<std::string>*, std::optional<int64_t>*,
                           std::optional<double>*, std::optional<bool>*>;

// Of a number, or of each number of a list.
struct Bounds {
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
    bool above = false, below = false; // low, or high, is itself excluded
};

struct Key {
    std::string table, name; // "stream", "tasks"
    Field (*field)(Spec&);
    std::vector<std::string> words; // that a text may be; empty: any
    Bounds bounds;
    std::vector<std::string> owners; // kinds of stream or network that have it; empty: all
    bool (*counts)(const Spec&);     // whether it is among the effective keys; null: always
    std::string help;                // one sentence
};

const std::vector<Key>& keys();               // in the order in which a file shows them
const std::vector<std::string>& key_tables(); // stream, augment, scenario, network, train
const Key& key(const std::string& table, const std::string& name);

// Names of a table's keys, in order; with `owner` only those that this kind has.
std::vector<std::string> key_names(const std::string& table);
std::vector<std::string> key_names(const std::string& table, const std::string& owner);
// Whether the key's stream or network is the one that the spec has.
bool belongs(const Key&, const Spec&);

// For people: "a number from 0 to 0.9", "one of plain, permuted"; the default, as a file writes it.
std::string allowed_values(const Key&);
std::string default_value(const Key&);

// Why a value is not allowed, by words and bounds alone: "validation is 2; expected 0 to 0.9".
// Empty where it is. Values that are not set are allowed.
std::string fault_of(const Key&, const Spec&);

} // namespace mneme::bench
