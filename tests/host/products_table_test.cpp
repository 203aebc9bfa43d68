// SPDX-License-Identifier: Apache-2.0
// Inner products of rows against sums in float64, at sizes around the kernel's blocks.
#include "catch.hpp"

#include <cmath>
#include <utility>

#include <mneme/products.hpp>

#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

Tensor rows_of(int64_t replicas, int64_t n, uint32_t which) {
    return tensor(numbers(replicas * n, which), {replicas, n}, DType::float32);
}

} // namespace

TEST_CASE("products of rows are those of float64, and a replica's are those of its seed alone") {
    SessionFixture fixture({});
    for (int64_t n : {1, 7, 8, 31, 33, 1023, 1024, 1025, 1061, 20011}) {
        constexpr int64_t replicas = 3;
        INFO(n << " entries");
        const auto a = rows_of(replicas, n, 5), b = rows_of(replicas, n, 6);
        const auto [ab, bb] = products(a, b);
        CHECK(ab.shape() == std::vector<int64_t>{replicas, 1});
        CHECK(bb.shape() == std::vector<int64_t>{replicas, 1});
        const auto x = a.to_vector(), y = b.to_vector(), xy = ab.to_vector(), yy = bb.to_vector();
        for (std::size_t s = 0; s < replicas; ++s) {
            double along = 0, square = 0, size = 0;
            for (std::size_t k = s * static_cast<std::size_t>(n);
                 k < (s + 1) * static_cast<std::size_t>(n); ++k)
                along += x[k] * y[k], square += y[k] * y[k], size += std::abs(x[k] * y[k]);
            CHECK(std::abs(xy[s] - along) <= 1e-6 * size);
            CHECK(std::abs(yy[s] - square) <= 1e-6 * square);
            const auto at = static_cast<int64_t>(s);
            const auto [own_ab, own_bb] =
                products(a.narrow(0, at, 1), b.narrow(0, at, 1)); // begins at an odd place, too
            CHECK(own_ab.to_vector()[0] == xy[s]);
            CHECK(own_bb.to_vector()[0] == yy[s]);
        }
        const auto [turned_ab, turned_bb] = products(a.transpose(0, 1).clone().transpose(0, 1), b);
        CHECK(turned_ab.to_vector() == xy);
        CHECK(turned_bb.to_vector() == yy);
    }
}

// By hand, in the kernel's order: any width of vectors must have these bits.
TEST_CASE("the order of the sums is that of 32 entries side by side") {
    SessionFixture fixture({});
    constexpr int64_t n = 3 * 1024 + 77;
    const auto a = rows_of(1, n, 8), b = rows_of(1, n, 9);
    const auto x = a.to_vector(), y = b.to_vector();
    double wanted = 0;
    for (std::size_t begin = 0; begin < n; begin += 1024) {
        volatile float side[32] = {}; // each sum and product is rounded by itself
        for (std::size_t k = begin; k < begin + 1024 && k < n; ++k) {
            const volatile float product = static_cast<float>(x[k]) * static_cast<float>(y[k]);
            side[k % 32] = side[k % 32] + product;
        }
        for (int half : {16, 8})
            for (int j = 0; j < half; ++j) side[j] = side[j] + side[j + half];
        for (int j = 0; j < 8; ++j) wanted += static_cast<double>(side[j]);
    }
    CHECK(products(a, b).first.item() == static_cast<double>(static_cast<float>(wanted)));
}

TEST_CASE("what has no products is refused") {
    SessionFixture fixture({});
    const auto a = rows_of(2, 3, 1);
    const auto said = [](const Tensor& x, const Tensor& y) {
        return refusal([&] { products(x, y); });
    };
    const std::string wanted = "; expected Float [S, n] both, on one device";
    CHECK(said(a, rows_of(2, 4, 1)) ==
          "products: a is Float [2, 3] on cpu and b Float [2, 4] on cpu" + wanted);
    CHECK(said(a, rows_of(1, 3, 1)) ==
          "products: a is Float [2, 3] on cpu and b Float [1, 3] on cpu" + wanted);
    CHECK(said(a, a.to(DType::int64)) ==
          "products: a is Float [2, 3] on cpu and b Long [2, 3] on cpu" + wanted);
    CHECK(said(a.to(DType::float64), a) ==
          "products: a is Double [2, 3] on cpu and b Float [2, 3] on cpu" + wanted);
    CHECK(said(zeros({3}), zeros({3})) ==
          "products: a is Float [3] on cpu and b Float [3] on cpu" + wanted);
    CHECK(said(zeros({2, 0}), zeros({2, 0})) ==
          "products: a is Float [2, 0] on cpu and b Float [2, 0] on cpu" + wanted);
    CHECK(said(a, Tensor()) == "products: a or b is missing");
    const auto* table = std::exchange(border::tables.products, nullptr);
    CHECK(said(a, a) == "products: this host has none (mneme.products/1); use (a * b).sum(1)");
    border::tables.products = table;
}
