// SPDX-License-Identifier: Apache-2.0
// What all normalisations of networks share, and those who read their running statistics.
#pragma once

namespace mneme::bench {

// How far a pass in Mode::train moves running statistics towards those of its batch.
inline constexpr double norm_momentum = 0.1;

inline constexpr double norm_eps = 1e-5; // added to a variance

} // namespace mneme::bench
