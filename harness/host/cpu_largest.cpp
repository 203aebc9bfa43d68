// SPDX-License-Identifier: Apache-2.0
// The k largest of each row. A sample brackets the k-th largest; one pass counts what is above the
// bracket and picks out what is inside, where it is then found exactly. Where the sample was
// unlucky the bracket is everything: the numbers do not depend on it.
#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <vector>

#include "host/clones.hpp"
#include "host/kernels.hpp"

namespace mneme::host {
namespace {

// In the order of the numbers, not-a-number above all; both zeros alike.
[[gnu::always_inline]] inline uint32_t key_of(float value) {
    const auto word = std::bit_cast<uint32_t>(value + 0.0f);
    return word ^ (static_cast<uint32_t>(static_cast<int32_t>(word) >> 31) | 0x80000000u);
}

struct Bracket {
    uint32_t low = 0, high = ~0u; // keys
};

// Around the k-th largest of n, some four deviations wide on either side.
Bracket bracket(const float* row, int64_t n, int64_t k, std::vector<uint32_t>& sample) {
    constexpr int64_t most = 1024;
    if (n < 4 * most) return {};
    sample.clear();
    // Places by multiples of the golden ratio: with a step between them they could all lie in a few
    // columns of a layer.
    for (uint32_t j = 0; j < most; ++j)
        sample.push_back(key_of(row[(j * 0x9E3779B9u * static_cast<uint64_t>(n)) >> 32]));
    std::sort(sample.begin(), sample.end(), std::greater<>());
    const double m = static_cast<double>(sample.size()),
                 share = static_cast<double>(k) / static_cast<double>(n),
                 margin = 4 * std::sqrt(m * share * (1 - share)) + 2, last = m - 1;
    const double above = share * m - margin, below = share * m + margin;
    return {below > last ? 0 : sample[static_cast<std::size_t>(below)],
            above < 0 ? ~0u : sample[static_cast<std::size_t>(above)]};
}

struct Part {
    int64_t above; // keys over the bracket
    std::size_t inside;
};

MNEME_CLONES Part part(const float* __restrict row, int64_t n, Bracket b,
                       uint32_t* __restrict inside) {
    int64_t above = 0;
    std::size_t found = 0;
    for (int64_t i = 0; i < n;
         ++i) { // without a branch: the next one overwrites what does not belong
        const uint32_t key = key_of(row[i]);
        above += key > b.high;
        inside[found] = key;
        found += key >= b.low && key <= b.high;
    }
    return {above, found};
}

MNEME_CLONES int64_t mark(const float* __restrict row, int64_t n, uint32_t least,
                          bool* __restrict out) {
    int64_t above = 0;
    for (int64_t i = 0; i < n; ++i) {
        out[i] = key_of(row[i]) > least;
        above += out[i];
    }
    return above;
}

uint32_t kth_largest(const float* row, int64_t n, int64_t k, std::vector<uint32_t>& inside) {
    Bracket b = bracket(row, n, k, inside);
    inside.resize(static_cast<std::size_t>(n) + 1);
    Part p = part(row, n, b, inside.data());
    if (k <= p.above || k > p.above + static_cast<int64_t>(p.inside))
        p = part(row, n, {}, inside.data());
    const auto place = inside.begin() + (k - p.above - 1);
    std::nth_element(inside.begin(), place, inside.begin() + static_cast<std::ptrdiff_t>(p.inside),
                     std::greater<>());
    return *place;
}

} // namespace

void cpu_largest(const Largest& u) {
    std::vector<uint32_t> inside;
    for (int64_t s = 0; s < u.replicas; ++s) {
        const float* row = u.values + s * u.columns;
        bool* out = u.out + s * u.columns;
        const uint32_t least = kth_largest(row, u.columns, u.count, inside);
        int64_t above = mark(row, u.columns, least, out);
        for (int64_t i = u.columns; above < u.count;) // of equal ones the last
            if (key_of(row[--i]) == least) out[i] = true, ++above;
    }
}

} // namespace mneme::host
