// SPDX-License-Identifier: Apache-2.0
// The generator of base/, under the names of this room.
#pragma once

#include <base/philox.hpp>

namespace mneme::bench {

using base::integer_of;
using base::philox;
using base::Philox4;
using base::PhiloxKey;
using base::PhiloxPlace;
using base::uniform_of;

} // namespace mneme::bench
