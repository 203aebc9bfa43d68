// SPDX-License-Identifier: Apache-2.0
// Reading, writing and checking results files (HDF5, schema 1.0; the text is in
// results_schema/schema.md). Errors are std::runtime_error: where: what is wrong; what to do.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <results/block.hpp>

namespace mneme::results {

// Writes the whole file under a private temporary name, syncs, renames. Afterwards it is complete
// or absent. Throws std::system_error (a runtime_error) with the errno for no space, no permission.
void write(const std::filesystem::path&, const File&);

// Reads every array; refuses a truncated file, one of another kind, or one of a higher schema
// major.
File read(const std::filesystem::path&);

// Which requests the runs of a file answer, those apart that are missing; empty for a file of
// schema 1.0, which does not say. Throws as `read`, and needs little memory.
std::set<std::string> requests_in(const std::filesystem::path&);

// One file of every method and seed found, as Merge makes it of these.
File merge(const std::vector<File>& files, const std::vector<std::string>& sources);

// Every fault found, one sentence each; empty means valid. Recomputes all derived values from the
// counts, bit for bit. `notes`: what is not a fault, but should be known.
std::vector<std::string> validate(const std::filesystem::path&,
                                  std::vector<std::string>* notes = nullptr);

} // namespace mneme::results
