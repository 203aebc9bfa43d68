// SPDX-License-Identifier: Apache-2.0
// Random numbers by purpose: plain functions over Philox, the reference that devices must agree
// with bit for bit. No LibTorch here. Element e of a draw comes from lane e % 4 of the block e / 4
// of its place.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <benchmarks/philox.hpp>

namespace mneme::bench {

// First 32 bits (big-endian) of SHA-256 of a full name: "mneme/<purpose>" for the harness,
// "plugin/<purpose>" for a plugin.
uint32_t purpose(const std::string& name);

// The indices 0..n-1 in the order of 64-bit integers (draw << 32 | index): bare 32-bit draws tie.
std::vector<int64_t> permutation(int64_t n, PhiloxKey, PhiloxPlace);

void uniform(int64_t n, PhiloxKey, PhiloxPlace, float* out);                   // in [0, 1)
void integers(int64_t n, uint32_t high, PhiloxKey, PhiloxPlace, int64_t* out); // in [0, high)
void normal(int64_t n, PhiloxKey, PhiloxPlace, float* out); // mean 0, standard deviation 1

} // namespace mneme::bench
