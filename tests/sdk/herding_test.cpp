// SPDX-License-Identifier: Apache-2.0
// Herding against its definition, in double.
#include "catch.hpp"

#include <cmath>
#include <set>

#include <mneme/herding.hpp>

#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

TEST_CASE("herded: each row brings the running mean as near to the class's mean as any could") {
    constexpr std::size_t N = 20, F = 3;
    SessionFixture fixture({.seeds = {1, 2}});
    const auto phi = normalised(tensor(numbers(2 * N * F, 3), {2, N, F}, DType::float32));
    std::vector<double> y;
    for (std::size_t k = 0; k < 2 * N; ++k) y.push_back(k % 3 == 0 ? 1 : 0);
    const auto at = herded(phi, tensor(y, {2, N}, DType::int64), {0, 1}, 4);
    REQUIRE(at.shape() == std::vector<int64_t>{2, 8});
    const auto taken = at.to_vector(), x = phi.to_vector();
    for (std::size_t s = 0; s < 2; ++s)
        for (std::size_t c = 0; c < 2; ++c) {
            const auto feature = [&](std::size_t n, std::size_t j) {
                return x[(s * N + n) * F + j];
            };
            double mu[F] = {}, sum[F] = {}, rows = 0;
            for (std::size_t n = 0; n < N; ++n)
                if (y[s * N + n] == double(c)) {
                    rows += 1;
                    for (std::size_t j = 0; j < F; ++j) mu[j] += feature(n, j);
                }
            std::set<std::size_t> before;
            for (std::size_t k = 1; k <= 4; ++k) {
                const auto apart = [&](std::size_t n) {
                    double d = 0;
                    for (std::size_t j = 0; j < F; ++j)
                        d += std::pow(mu[j] / rows - (feature(n, j) + sum[j]) / double(k), 2);
                    return d;
                };
                const auto mine = std::size_t(taken[s * 8 + c * 4 + k - 1]);
                CHECK(y[s * N + mine] == double(c));
                CHECK(before.count(mine) == 0);
                for (std::size_t n = 0; n < N; ++n)
                    if (y[s * N + n] == double(c) && before.count(n) == 0)
                        CHECK(apart(mine) <= apart(n) + 1e-6);
                before.insert(mine);
                for (std::size_t j = 0; j < F; ++j) sum[j] += feature(mine, j);
            }
        }
}

TEST_CASE("herded: a class with fewer rows gives what it has") {
    SessionFixture fixture({});
    const auto phi = tensor({1, 0, 0, 1, 1, 0}, {1, 3, 2}, DType::float32);
    const auto at = herded(phi, tensor({0, 1, 0}, {1, 3}, DType::int64), {0, 1}, 9).to_vector();
    CHECK(at == std::vector<double>{0, 2, 1});
}
