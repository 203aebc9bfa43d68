// SPDX-License-Identifier: Apache-2.0
// Compiled with -ffp-contract=off, as cpu_kernels.cpp.
#include "host/cpu_draws.hpp"

#include <algorithm>

#include <benchmarks/normal.hpp>

namespace mneme::host::cpu {
namespace {

using bench::Philox4;

bench::PhiloxPlace place_of(const Draw& d) { return {d.call, d.at->step, d.at->task_phase}; }

template <class T, class F>
void fill(const Draw& d, T* out, F&& make) { // make(bits) for each number
    const auto place = place_of(d);
    for (int64_t s = 0; s < d.replicas; ++s) {
        T* row = out + s * d.stride;
        for (int64_t block = 0; block * 4 < d.count; ++block) {
            const Philox4 bits =
                bench::philox({d.seeds[s], d.purpose}, static_cast<uint32_t>(block), place);
            for (int64_t lane = 0; lane < 4 && block * 4 + lane < d.count; ++lane)
                row[block * 4 + lane] = make(bits.v[lane]);
        }
    }
}

} // namespace

void uniform(const Draw& d, float* out, void*) {
    fill(d, out, [](uint32_t bits) { return bench::uniform_of(bits); });
}
void bits(const Draw& d, int64_t* out, void*) {
    fill(d, out, [](uint32_t drawn) { return int64_t{drawn}; });
}
void randint(const Draw& d, uint32_t high, int64_t* out, void*) {
    fill(d, out, [=](uint32_t bits) { return bench::integer_of(bits, high); });
}
void dropout(const Draw& d, float probability, float* out, void*) {
    const float kept = 1.0f / (1.0f - probability);
    fill(d, out,
         [=](uint32_t bits) { return bench::uniform_of(bits) < probability ? 0.0f : kept; });
}

void normal(const Draw& d, float* out, void*) {
    const auto place = place_of(d);
    for (int64_t s = 0; s < d.replicas; ++s)
        for (int64_t block = 0; block * 4 < d.count; ++block) {
            const Philox4 bits =
                bench::philox({d.seeds[s], d.purpose}, static_cast<uint32_t>(block), place);
            float four[4];
            bench::normal_of(bits, four);
            for (int64_t lane = 0; lane < 4 && block * 4 + lane < d.count; ++lane)
                out[s * d.stride + block * 4 + lane] = four[lane];
        }
}

// Floyd's sampling: each draw is either a new number or the top of its range.
void sample_without_replacement(const Draw& d, int64_t of, int64_t* out, void*) {
    const auto place = place_of(d);
    for (int64_t s = 0; s < d.replicas; ++s) {
        int64_t* row = out + s * d.stride;
        for (int64_t i = 0; i < d.count; ++i) {
            const int64_t top = of - d.count + i;
            const auto bits =
                bench::philox({d.seeds[s], d.purpose}, static_cast<uint32_t>(i / 4), place)
                    .v[i % 4];
            const int64_t pick = bench::integer_of(bits, static_cast<uint32_t>(top + 1));
            row[i] = std::find(row, row + i, pick) == row + i ? pick : top;
        }
    }
}

} // namespace mneme::host::cpu
