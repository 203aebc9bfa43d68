// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol/cell.hpp"

namespace mneme::protocol {

// Whether both read the same files in the same way, so that what one has read serves the other.
bool same_data(const Data&, const Data&);

} // namespace mneme::protocol
