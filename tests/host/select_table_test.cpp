// SPDX-License-Identifier: Apache-2.0
// The largest of each row against a sort: rows that the sample sees rightly, wrongly and not at
// all.
#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <mneme/select.hpp>

#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Row = std::vector<double>;

// By value, and of equal ones the last first; not-a-number stands above all.
std::vector<double> brute(const Row& row, int64_t k) {
    std::vector<std::size_t> order(row.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto rank = [&](std::size_t i) {
        return std::isnan(row[i]) ? std::numeric_limits<double>::infinity() : row[i];
    };
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return rank(a) != rank(b) ? rank(a) > rank(b) : a > b;
    });
    std::vector<double> mask(row.size());
    for (int64_t i = 0; i < k; ++i) mask[order[static_cast<std::size_t>(i)]] = 1;
    return mask;
}

Row filled(int64_t n, const std::function<double(int64_t)>& value) {
    Row row(static_cast<std::size_t>(n));
    for (int64_t i = 0; i < n; ++i)
        row[static_cast<std::size_t>(i)] = static_cast<double>(static_cast<float>(value(i)));
    return row;
}

} // namespace

TEST_CASE("the largest of each row are those of a sort") {
    SessionFixture fixture({});
    constexpr int64_t n = 20011;
    std::vector<bool> looks(n); // where the kernel's sample is taken
    for (uint32_t j = 0; j < 1024; ++j) looks[(j * 0x9E3779B9u * uint64_t{n}) >> 32] = true;
    const auto looked_at = [&](int64_t i) { return looks[static_cast<std::size_t>(i)]; };
    const auto drawn = numbers(n, 3);
    const auto at = [&](int64_t i) { return drawn[static_cast<std::size_t>(i)]; };
    const double infinite = std::numeric_limits<double>::infinity();
    const std::pair<const char*, Row> rows[] = {
        {"drawn, of both signs", filled(n, at)},
        {"all alike", filled(n, [](int64_t) { return 0.25; })},
        {"two values", filled(n, [&](int64_t i) { return at(i) > 1 ? 1 : 0; })},
        {"both zeros", filled(n, [&](int64_t i) { return at(i) > 0 ? 0.0 : -0.0; })},
        {"rising", filled(n, [](int64_t i) { return double(i); })},
        {"falling", filled(n, [](int64_t i) { return -double(i); })},
        {"small where the sample looks",
         filled(n, [&](int64_t i) { return looked_at(i) ? -100 : std::abs(at(i)); })},
        {"large where the sample looks",
         filled(n, [&](int64_t i) { return looked_at(i) ? 100 + at(i) : at(i); })},
        {"infinite and tiny", filled(n,
                                     [&](int64_t i) {
                                         return i % 1000 == 7   ? infinite
                                                : i % 1000 == 8 ? -infinite
                                                                : 1e-42 * at(i);
                                     })},
    };
    for (const auto& [name, row] : rows)
        for (int64_t k : {int64_t{1}, int64_t{2}, n / 50, n / 2, n - 1, n}) {
            INFO(name << ", " << k << " of " << n);
            CHECK(
                largest_of(tensor(row, {1, n}, DType::float32), k).to(DType::float64).to_vector() ==
                brute(row, k));
        }
}

TEST_CASE("the kernel and the operators choose alike, row by row") {
    SessionFixture fixture({});
    for (int64_t n : {1, 7, 4095, 4096, 5003}) {
        const auto values = numbers(3 * n, 8);
        for (int64_t k : {int64_t{1}, (n + 1) / 2, n}) {
            INFO(k << " of " << n);
            const auto single = tensor(values, {3, n}, DType::float32);
            const auto kernel = largest_of(single, k).to(DType::float64).to_vector(),
                       operators = largest_of(single.to(DType::float64), k)
                                       .to(DType::float64)
                                       .to_vector(); // no kernel for these
            CHECK(kernel == operators);
        }
    }
}

TEST_CASE("what is not a number is taken first, and only its own row is concerned") {
    SessionFixture fixture({});
    const double none = std::nan("");
    const auto mask = largest_of(tensor({1, none, 3, 1, 2, 3}, {2, 3}, DType::float32), 1)
                          .to(DType::float64)
                          .to_vector();
    CHECK(mask == std::vector<double>{0, 1, 0, 0, 0, 1});
}

TEST_CASE("a count or a shape that does not fit is refused") {
    SessionFixture fixture({});
    const auto a = tensor({1, 2, 3}, {1, 3}, DType::float32);
    CHECK(refusal([&] { largest_of(a, 0); }) ==
          "largest: 0 of each row of [1, 3]; expected a matrix [S, n] and 1 to n");
    CHECK(refusal([&] { largest_of(a, 4); }) ==
          "largest: 4 of each row of [1, 3]; expected a matrix [S, n] and 1 to n");
    CHECK(refusal([&] { largest_of(a.reshape({3}), 1); }) ==
          "largest: 1 of each row of [3]; expected a matrix [S, n] and 1 to n");
}
