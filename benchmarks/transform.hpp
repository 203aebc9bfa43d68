// SPDX-License-Identifier: Apache-2.0
// What a stream does to the pixels of a task, and the examples of synthetic streams. Private to this room; no LibTorch.
#pragma once

#include <cstdint>
#include <vector>

#include <benchmarks/dataset.hpp>
#include <benchmarks/spec.hpp>

namespace mneme::bench {

// Each output pixel's source, or -1 for 0: one map for all replicas, or one for each seed, or none where the task shows the pixels as
// they are. Permutations: out[i] = in[p[i]] with p from the purpose "mneme/stream", place {call 0, step 0, task * 256}, tasks from 0.
std::vector<std::vector<int64_t>> pixel_maps(const Spec&, int64_t rows, int64_t columns, const std::vector<int64_t>& seeds, int64_t t);

// out[r, i] = in[rows[r], map[i]] over images of `width` bytes; an empty map copies.
void gather_pixels(const uint8_t* in, int64_t width, const std::vector<int64_t>& rows, const std::vector<int64_t>& map, uint8_t* out);

// Gaussian clusters, the same for every seed (key 0 of "mneme/stream"): class k of a task has its centre at separation / sqrt(2) on an
// axis of its own, so any two centres are `separation` standard deviations apart and two classes of a task can be told apart with
// probability Phi(separation / 2). The axes are drawn anew for each task. Bytes: 96 + 16 * value, rounded, within 0..255.
Images draw_clusters(const Spec&, int64_t t, bool test);

// Mean and standard deviation of all bytes divided by 255.
struct PixelStatistics {
    double mean, deviation;
};
PixelStatistics statistics(const Images&);

} // namespace mneme::bench
