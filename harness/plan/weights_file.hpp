// SPDX-License-Identifier: Apache-2.0
// The file that a benchmark's network starts from.
#pragma once

#include <filesystem>

#include <benchmarks/spec.hpp>

#include "plan/benchmark.hpp"
#include "plan/node.hpp"

namespace mneme::harness {

// Of a [network] table whose keys were read: the file's path becomes absolute, beside the
// benchmark's file, and its SHA-256 is taken, by which it is known from then on. Throws ExitError
// (bad_input) where there is no such file, where it has another SHA-256 than the table says, and
// where keys of given weights stand without weights, unless the file need not be there.
void find_weights(const Node& table, const std::filesystem::path& benchmark, WeightsFile,
                  bench::NetworkSpec&);

} // namespace mneme::harness
