// SPDX-License-Identifier: Apache-2.0
#include <base/sha256.hpp>
#include <benchmarks/random.hpp>

#include <algorithm>

#include <benchmarks/normal.hpp>

namespace mneme::bench {

namespace {

// Calls use(element, bits) for the elements 0..n-1.
template <class F> void each(int64_t n, PhiloxKey key, PhiloxPlace place, F use) {
    for (int64_t block = 0; block * 4 < n; ++block) {
        const Philox4 bits = philox(key, uint32_t(block), place);
        for (int64_t lane = 0; lane < 4 && block * 4 + lane < n; ++lane)
            use(block * 4 + lane, bits.v[lane]);
    }
}

} // namespace

uint32_t purpose(const std::string& name) {
    base::Sha256 hash;
    hash.add(name);
    return uint32_t(std::stoul(hash.hex().substr(0, 8), nullptr, 16));
}

std::vector<int64_t> permutation(int64_t n, PhiloxKey key, PhiloxPlace place) {
    std::vector<uint64_t> keys(static_cast<std::size_t>(n));
    each(n, key, place, [&](int64_t element, uint32_t bits) {
        keys[std::size_t(element)] = uint64_t{bits} << 32 | uint64_t(element);
    });
    std::sort(keys.begin(), keys.end());
    std::vector<int64_t> order(keys.size());
    std::transform(keys.begin(), keys.end(), order.begin(),
                   [](uint64_t k) { return int64_t(k & 0xFFFFFFFFu); });
    return order;
}

void uniform(int64_t n, PhiloxKey key, PhiloxPlace place, float* out) {
    each(n, key, place, [&](int64_t element, uint32_t bits) { out[element] = uniform_of(bits); });
}

void integers(int64_t n, uint32_t high, PhiloxKey key, PhiloxPlace place, int64_t* out) {
    each(n, key, place,
         [&](int64_t element, uint32_t bits) { out[element] = integer_of(bits, high); });
}

void normal(int64_t n, PhiloxKey key, PhiloxPlace place, float* out) {
    for (int64_t block = 0; block * 4 < n; ++block) {
        float four[4];
        normal_of(philox(key, uint32_t(block), place), four);
        std::copy_n(four, std::min<int64_t>(4, n - block * 4), out + block * 4);
    }
}

} // namespace mneme::bench
