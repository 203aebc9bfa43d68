// SPDX-License-Identifier: Apache-2.0
// What is written about a run whose worker could not write it: a crash is a result, not a hole.
#pragma once

#include <filesystem>
#include <string>

#include <plan/plan.hpp>
#include <results/block.hpp>

namespace mneme::cli {

// Nothing measured: `outcome` and its message, and who was asked to do what. With `missing` it is
// the place of a run not done yet.
results::Block empty_record(const harness::Cell&, const harness::Run&, results::Outcome,
                            const std::string& message);

void write_record(const std::filesystem::path&, const harness::Cell&, const harness::Run&,
                  results::Outcome, const std::string& message);

} // namespace mneme::cli
