// SPDX-License-Identifier: Apache-2.0
// A benchmark's spec on the wire, without loss.
#pragma once

#include <benchmarks/spec.hpp>

#include "protocol/json.hpp"

namespace mneme::protocol {

Json to_json(const bench::Spec&);
bench::Spec spec_from_json(const Json&); // throws FieldError

} // namespace mneme::protocol
