// SPDX-License-Identifier: Apache-2.0
// Counter-based numbers: published answers, exact rules, and the shape of what is drawn.
#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <benchmarks/normal.hpp>
#include <benchmarks/random.hpp>

using namespace mneme::bench;

namespace {

std::vector<uint32_t> words(Philox4 p) { return {p.v[0], p.v[1], p.v[2], p.v[3]}; }

double phi(double x) {
    return 0.5 * std::erfc(-x / std::sqrt(2.0));
} // standard normal distribution function

} // namespace

TEST_CASE("Philox4x32-10 gives the published answers") {
    CHECK(words(philox({0, 0}, 0, {0, 0, 0})) ==
          std::vector<uint32_t>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    const uint32_t ones = 0xffffffff;
    CHECK(words(philox({ones, ones}, ones, {ones, ones, ones})) ==
          std::vector<uint32_t>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    CHECK(
        words(philox({0xa4093822, 0x299f31d0}, 0x243f6a88, {0x85a308d3, 0x13198a2e, 0x03707344})) ==
        std::vector<uint32_t>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("a purpose is the first word of the SHA-256 of its name") {
    CHECK(purpose("abc") == 0xba7816bf); // FIPS 180-2, example 1
    CHECK(purpose("mneme/stream") != purpose("plugin/stream"));
}

TEST_CASE("a permutation is the order of its draws, ties by index") {
    const PhiloxKey key{3, purpose("mneme/stream")};
    const auto order = permutation(1000, key, {1, 2, 3 * 256});
    auto sorted = order;
    std::sort(sorted.begin(), sorted.end());
    std::vector<int64_t> all(1000);
    std::iota(all.begin(), all.end(), 0);
    CHECK(sorted == all);
    const auto draw = [&](int64_t e) {
        return philox(key, uint32_t(e / 4), {1, 2, 3 * 256}).v[e % 4];
    };
    bool ascending = true;
    for (std::size_t i = 1; i < order.size(); ++i)
        ascending &= draw(order[i - 1]) <= draw(order[i]);
    CHECK(ascending);
    CHECK(order != permutation(1000, key, {1, 2, 4 * 256}));
    CHECK(order != permutation(1000, {4, key.purpose}, {1, 2, 3 * 256}));
    CHECK(permutation(0, key, {0, 0, 0}).empty());
    CHECK(permutation(1, key, {0, 0, 0}) == std::vector<int64_t>{0});
}

TEST_CASE("a permutation's places are uniform") { // chi-square over 24 orders of 4, 23 degrees of
                                                  // freedom: 99.99 % below 58.6
    std::vector<int> seen(256, 0);
    const int n = 24000;
    for (uint32_t i = 0; i < uint32_t(n); ++i) {
        const auto p = permutation(4, {1, 2}, {i, 0, 0});
        ++seen[std::size_t(p[0] * 64 + p[1] * 16 + p[2] * 4 + p[3])];
    }
    double chi = 0;
    int orders = 0;
    for (int count : seen)
        if (count > 0) {
            ++orders;
            chi += (count - n / 24.0) * (count - n / 24.0) / (n / 24.0);
        }
    CHECK(orders == 24);
    CHECK(chi < 58.6);
}

TEST_CASE("uniform numbers are the top 24 bits, integers the high word of a product") {
    const PhiloxKey key{7, 11};
    const PhiloxPlace at{1, 2, 3};
    float u[6];
    int64_t k[6];
    uniform(6, key, at, u);
    integers(6, 10, key, at, k);
    bool same = true;
    for (uint32_t e = 0; e < 6; ++e) {
        const uint32_t bits = philox(key, e / 4, at).v[e % 4];
        same &= u[e] == float(std::ldexp(double(bits >> 8), -24)) &&
                k[e] == int64_t((uint64_t{bits} * 10) >> 32);
    }
    CHECK(same);
    CHECK(uniform_of(0xffffffff) < 1.0f);
    CHECK(integer_of(0xffffffff, 10) == 9);
}

TEST_CASE("our logarithm, sine and cosine agree with the C library's to rounding") {
    double worst_log = 0, worst_turn = 0;
    for (uint64_t i = 0; i < 200'000; ++i) {
        const uint32_t x =
            philox({1, 1}, uint32_t(i), {0, 0, 0}).v[0] >> (i % 32); // small ones too
        const double exact = std::log(std::ldexp(double(uint64_t{x} + 1), -32));
        worst_log = std::max(worst_log, std::abs(log_of_fraction(uint64_t{x} + 1) - exact) /
                                            std::max(1e-9, std::abs(exact)));
        const double angle = 2 * std::acos(-1.0) * std::ldexp(double(x), -32);
        const auto turn = sine_cosine_of_turn(x);
        worst_turn = std::max({worst_turn, std::abs(turn.sine - std::sin(angle)),
                               std::abs(turn.cosine - std::cos(angle))});
    }
    CHECK(worst_log < 1e-15);
    CHECK(worst_turn < 2e-15); // the library's own argument carries half a rounding of 2 pi
    CHECK(log_of_fraction(uint64_t{1} << 32) == 0);
    CHECK(sine_cosine_of_turn(0).cosine == 1);
    CHECK(sine_cosine_of_turn(0x40000000).sine == 1);
    CHECK(sine_cosine_of_turn(0x80000000).cosine == -1);
    CHECK(sine_cosine_of_turn(0xC0000000).sine == -1);
}

TEST_CASE("normal numbers follow the normal distribution") {
    std::vector<float> z(100'003);
    normal(int64_t(z.size()), {5, purpose("plugin/test")}, {0, 0, 0}, z.data());
    double mean = 0, square = 0, neighbours = 0;
    for (std::size_t i = 0; i < z.size(); ++i) {
        mean += z[i];
        square += double(z[i]) * z[i];
        if (i > 0) neighbours += double(z[i]) * z[i - 1];
    }
    const double n = double(z.size());
    CHECK(std::abs(mean / n) < 4 / std::sqrt(n));
    CHECK(std::abs(square / n - 1) < 4 * std::sqrt(2 / n));
    CHECK(std::abs(neighbours / n) < 4 / std::sqrt(n));
    std::sort(z.begin(), z.end());
    double distance = 0; // Kolmogorov-Smirnov: above 1.95 / sqrt(n) once in 1000
    for (std::size_t i = 0; i < z.size(); ++i)
        distance = std::max(distance, std::abs(phi(z[i]) - (double(i) + 0.5) / n));
    CHECK(distance < 1.95 / std::sqrt(n));
}

TEST_CASE("a draw does not depend on how much is drawn") {
    std::vector<float> few(5), many(64);
    normal(5, {5, 6}, {7, 8, 9}, few.data());
    normal(64, {5, 6}, {7, 8, 9}, many.data());
    CHECK(std::equal(few.begin(), few.end(), many.begin()));
}
