// SPDX-License-Identifier: Apache-2.0
// The data set of a cell: read from its files, or kept by the worker server that has forked this
// worker, whose memory the two then share.
#pragma once

#include <memory>
#include <string>

#include <benchmarks/dataset.hpp>

#include "protocol/cell.hpp"

namespace mneme::harness {

// Null for a synthetic stream. Throws as bench::load_data, and ExitError (bad_input) where the data
// are not those of the plan.
std::shared_ptr<const bench::Dataset> data_of(const protocol::Data&);

// For all later calls. `request` is a file with protocol::Data. What cannot be read is left to the
// workers, who say why.
void keep_data(const std::string& request);

} // namespace mneme::harness
