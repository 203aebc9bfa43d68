// SPDX-License-Identifier: Apache-2.0
// Evaluations as a results file.
#pragma once

#include <string>

#include <results/block.hpp>

#include "importer/evaluation.hpp"

namespace mneme::importer {

// Every method is marked origin = "imported", with the file, the format and the number of decimals
// in its provenance. Throws base::ExitError (bad_input) where an evaluation stands twice with other
// numbers, where a name is missing, or where the numbers of examples disagree.
results::File results_of(const Evaluations&, const std::string& file, const std::string& format);

} // namespace mneme::importer
