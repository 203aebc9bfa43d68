// SPDX-License-Identifier: Apache-2.0
// The k largest of each row. A sample brackets the k-th largest; one pass counts what is above the
// bracket and picks out what is inside, where it is then found exactly. Where the sample was
// unlucky the bracket is everything: the numbers do not depend on it.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <vector>

#include <base/clones.hpp>
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
    constexpr int64_t most = 4096;
    if (n < 4 * most) return {};
    sample.clear();
    // Places by multiples of the golden ratio: with a step between them they could all lie in a few
    // columns of a layer.
    for (uint32_t j = 0; j < most; ++j)
        sample.push_back(key_of(row[(j * 0x9E3779B9u * static_cast<uint64_t>(n)) >> 32]));
    const double m = static_cast<double>(sample.size()),
                 share = static_cast<double>(k) / static_cast<double>(n),
                 margin = 4 * std::sqrt(m * share * (1 - share)) + 2;
    const double above = share * m - margin, below = share * m + margin;
    Bracket b{0, ~0u};
    auto end = sample.end(); // what follows is below the bracket
    if (below < m) {
        end = sample.begin() + static_cast<std::ptrdiff_t>(below);
        std::nth_element(sample.begin(), end, sample.end(), std::greater<>());
        b.low = *end;
    }
    if (above >= 0) {
        const auto place = sample.begin() + static_cast<std::ptrdiff_t>(above);
        std::nth_element(sample.begin(), place, end, std::greater<>());
        b.high = *place;
    }
    return b;
}

// Marks what is inside, for all entries at once: few are, so picking them out one by one as they
// are compared would take several times as long. Returns how many are above.
MNEME_CLONES int64_t mark_inside(const float* __restrict row, int64_t n, Bracket b,
                                 bool* __restrict marks) {
    uint32_t above = 0; // as wide as a key, so that more entries are counted at once; n < 2^32
    for (int64_t i = 0; i < n; ++i) {
        const uint32_t key = key_of(row[i]);
        above += key > b.high;
        marks[i] = (key >= b.low) & (key <= b.high);
    }
    return above;
}

// Puts what is inside into `inside`; returns how many are above. `marks` is room for n.
int64_t pick_inside(const float* row, int64_t n, Bracket b, bool* marks,
                    std::vector<uint32_t>& inside) {
    const int64_t above = mark_inside(row, n, b, marks);
    inside.clear();
    static_assert(std::endian::native == std::endian::little); // the first mark is the lowest byte
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) { // eight marks are read as one word, which is mostly 0
        uint64_t word;
        std::memcpy(&word, marks + i, sizeof word);
        for (; word != 0; word &= word - 1)
            inside.push_back(key_of(row[i + std::countr_zero(word) / 8]));
    }
    for (; i < n; ++i)
        if (marks[i]) inside.push_back(key_of(row[i]));
    return above;
}

MNEME_CLONES int64_t mark(const float* __restrict row, int64_t n, uint32_t least,
                          bool* __restrict out) {
    uint32_t above = 0;
    for (int64_t i = 0; i < n; ++i) {
        const bool more = key_of(row[i]) > least;
        out[i] = more;
        above += more;
    }
    return above;
}

uint32_t kth_largest(const float* row, int64_t n, int64_t k, bool* marks,
                     std::vector<uint32_t>& inside) {
    int64_t above = pick_inside(row, n, bracket(row, n, k, inside), marks, inside);
    if (k <= above || k > above + static_cast<int64_t>(inside.size()))
        above = pick_inside(row, n, {}, marks, inside);
    const auto place = inside.begin() + (k - above - 1);
    std::nth_element(inside.begin(), place, inside.end(), std::greater<>());
    return *place;
}

} // namespace

void cpu_largest(const Largest& u) {
    std::vector<uint32_t> inside;
    for (int64_t s = 0; s < u.replicas; ++s) {
        const float* row = u.values + s * u.columns;
        bool* out = u.out + s * u.columns;
        const uint32_t least = kth_largest(row, u.columns, u.count, out, inside);
        int64_t above = mark(row, u.columns, least, out);
        for (int64_t i = u.columns; above < u.count;) // of equal ones the last
            if (key_of(row[--i]) == least) out[i] = true, ++above;
    }
}

} // namespace mneme::host
