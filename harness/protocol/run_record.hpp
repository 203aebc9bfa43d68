// SPDX-License-Identifier: Apache-2.0
// The record of a run: the one place that makes it, for a run that a worker has trained and for one
// whose worker died. A crash is a result, not a hole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include <results/block.hpp>

#include "protocol/cell.hpp"

namespace mneme::protocol {

// What only the process that trains can say of how the numbers were made.
struct Provenance {
    std::string git_commit = "unknown", git_dirty = "unknown"; // of the harness
    std::string libtorch = "unknown", blas = "unknown", hdf5 = "unknown", compiler = "unknown";
    std::string device;                                    // its name; empty: as asked for
    std::string driver = "unknown", cuda = "unknown";      // empty on a CPU
    std::string graphs = "unknown", conv_impl = "unknown"; // how steps and convolutions ran
    std::string environment_json = "{}";
};

// What a record has room for.
struct RecordSize {
    std::size_t classes = 0;         // of the confusion matrix; 0: none is kept
    std::size_t points_of_curve = 0; // a task
};

// Nothing measured yet: outcome `missing`, every count and cost unknown; and who was asked to do
// what. The effective settings are the run's.
results::Block new_record(const Cell&, const Run&, const RecordSize& = {}, const Provenance& = {});

// A record that says why there are no numbers. `restarts`: times that the run went on from a
// checkpoint; -1: not known.
results::Block empty_record(const Cell&, const Run&, results::Outcome, const std::string& message,
                            std::int32_t restarts = -1);

// Writes such a record as the run's file; throws as results::write.
void write_record(const std::filesystem::path&, const Cell&, const Run&, results::Outcome,
                  const std::string& message, std::int32_t restarts = -1);

// The title of a run's file.
std::string record_title(const Cell&, const Run&);

} // namespace mneme::protocol
