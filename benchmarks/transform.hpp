// SPDX-License-Identifier: Apache-2.0
// What a stream does to the pixels of a task, and the examples of synthetic streams. Private to
// this room; no LibTorch.
#pragma once

#include <cstdint>
#include <vector>

#include <benchmarks/dataset.hpp>
#include <benchmarks/spec.hpp>

namespace mneme::bench {

// What output pixels are made of. D pixels; tap-major: [taps, D].
struct PixelMap {
    std::vector<int64_t> from;   // the source, or -1 for 0
    std::vector<int32_t> weight; // in 65536ths, with four taps; empty: one tap, as it is
};

struct PictureShape {
    int64_t channels, rows, columns;
    int64_t size() const { return channels * rows * columns; }
};

// One map for all replicas, or one for each seed, or none where the task shows the pixels as they
// are. Permutations: out[i] = in[p[i]] with p from the purpose "mneme/stream", place {call 0, step
// 0, task * 256}, tasks from 0. Jitter: element 0 of the same draw, times `jitter`.
std::vector<PixelMap> pixel_maps(const Spec&, const PictureShape&,
                                 const std::vector<int64_t>& seeds, int64_t t);
bool one_map_a_seed(const Spec&);

// Rotated as rotation_map, between four pixels: positions in 256ths, u = floor(256 v + 0.5 + 1e-9);
// the four neighbours' weights are products of the 256ths; outside is 0.
PixelMap bilinear_map(int64_t rows, int64_t columns, double degrees);

// out[r, i] = in[rows[r], map[i]] over images of `width` bytes; no map copies. Four taps: (sum of
// weight * byte + 32768) / 65536, rounded down.
void gather_pixels(const uint8_t* in, int64_t width, const std::vector<int64_t>& rows,
                   const PixelMap* map, uint8_t* out);

// Gaussian clusters, the same for every seed (key 0 of "mneme/stream"): class k of a task has its
// centre at separation / sqrt(2) on an axis of its own, so any two centres are `separation`
// standard deviations apart and two classes of a task can be told apart with probability
// Phi(separation / 2). The axes are drawn anew for each task. Bytes: 96 + 16 * value, rounded,
// within 0..255.
Images draw_clusters(const Spec&, int64_t t, bool test);

// Mean and standard deviation of all bytes divided by 255.
struct PixelStatistics {
    double mean, deviation;
};
PixelStatistics statistics(const Images&);

} // namespace mneme::bench
