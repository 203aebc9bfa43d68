// SPDX-License-Identifier: Apache-2.0
// What a description of a data set says of numbers, arrays and columns.
#pragma once

#include <benchmarks/dataset.hpp>

#include "plan/dataset_layout.hpp"
#include "plan/node.hpp"

namespace mneme::harness {

// Whether its examples may be features, without a place in a picture.
bool may_be_features(bench::Format);

// type, origin, order, x, y, test_x, test_y, label, separator, header: those that the
// format has.
void read_number_keys(const Node& root, const DatasetLayout&, bench::DatasetInfo&);

} // namespace mneme::harness
