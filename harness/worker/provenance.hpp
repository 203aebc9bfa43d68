// SPDX-License-Identifier: Apache-2.0
// Where a run's numbers come from: what was asked, by what they were made, on what machine.
#pragma once

#include <map>
#include <string>

#include "host/options.hpp"
#include "plan/plan.hpp"

namespace mneme::harness {

std::map<std::string, std::string> provenance(const Cell&, std::size_t run, const host::OptionBook&,
                                              const std::string& conv_impl);
std::string blas_name(); // as LibTorch names it

} // namespace mneme::harness
