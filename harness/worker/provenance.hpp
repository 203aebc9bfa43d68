// SPDX-License-Identifier: Apache-2.0
// By what a run's numbers are made, as only the process that makes them can say.
#pragma once

#include <string>

#include "protocol/run_record.hpp"

namespace mneme::harness {

protocol::Provenance provenance(const protocol::Cell&, const std::string& conv_impl);
std::string blas_name(); // as LibTorch names it

} // namespace mneme::harness
