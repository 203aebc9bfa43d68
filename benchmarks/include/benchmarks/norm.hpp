// SPDX-License-Identifier: Apache-2.0
// What networks with batch normalisation share with those who read their running statistics.
#pragma once

namespace mneme::bench {

// How far a pass in Mode::train moves running statistics towards those of its batch.
inline constexpr double norm_momentum = 0.1;

} // namespace mneme::bench
