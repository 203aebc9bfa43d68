// SPDX-License-Identifier: Apache-2.0
// Similarity of features whose value is known.
#include "torch_catch.hpp"

#include <cmath>

#include <ATen/ATen.h>

#include "worker/geometry/cka.hpp"

using mneme::harness::linear_cka;

namespace {

// Of n examples, F features that are not all alike; the same in each call.
at::Tensor features(int64_t n, int64_t width, double step) {
    return at::sin(at::arange(n * width, at::kDouble) * step).reshape({n, width});
}

} // namespace

TEST_CASE("features are like themselves, turned, moved and multiplied by a number") {
    const auto x = features(40, 3, 0.7);
    const double c = std::cos(0.4), s = std::sin(0.4);
    const auto turn = at::tensor({c, -s, 0.0, s, c, 0.0, 0.0, 0.0, 1.0}).reshape({3, 3});
    CHECK(std::abs(linear_cka(x, x) - 1) < 1e-12);
    CHECK(std::abs(linear_cka(x, x.flip(1)) - 1) < 1e-12);
    CHECK(std::abs(linear_cka(x, x.matmul(turn) * -3 + 5) - 1) < 1e-12);
    // Each feature by a number of its own is another matter.
    CHECK(linear_cka(x, x * at::tensor({1.0, 0.5, 0.1})) < 0.95);
}

TEST_CASE("similarity by hand: one feature against two, and features without correlation") {
    // Centred columns e and f are orthogonal and of length 2: |Y^T X|^2 = |(4, 0)|^2 = 16,
    // |X^T X| = 4, |Y^T Y| = |diag(4, 4)| = 4 sqrt(2).
    const auto e = at::tensor({1.0, 1.0, -1.0, -1.0}).unsqueeze(1),
               f = at::tensor({1.0, -1.0, 1.0, -1.0}).unsqueeze(1);
    CHECK(std::abs(linear_cka(e, at::cat({e, f}, 1)) - 1 / std::sqrt(2.0)) < 1e-12);
    CHECK(linear_cka(e, f) == 0);
    CHECK(std::isnan(linear_cka(e, at::ones({4, 2}, at::kDouble))));
}

TEST_CASE("products of examples and of features give one similarity") {
    const auto x = features(12, 12, 0.7), y = features(12, 12, 1.3);
    const auto more = at::zeros({12, 1}, at::kDouble); // a thirteenth feature: the other way
    const double by_features = linear_cka(x, y);
    CHECK(by_features > 0);
    CHECK(by_features < 1);
    CHECK(std::abs(linear_cka(at::cat({x, more}, 1), y) - by_features) < 1e-12);
}
