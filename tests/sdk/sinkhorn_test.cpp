// SPDX-License-Identifier: Apache-2.0
// S_tau(X) and its gradient: marginals, closed forms, the implicit gradient against the unrolled
// one and against differences of values.
#include "catch.hpp"

#include <cmath>

#include <mneme/sinkhorn.hpp>

#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

const Layout one{.hidden = {4}}, three{.hidden = {4}, .seeds = {1, 2, 3}};

struct Own { // a source of random numbers is opened once in a session: a fixture for each
    explicit Own(const Layout& layout, const Json& settings = Json::object())
        : fixture(layout), s(fixture.setup(settings)) {}
    SessionFixture fixture;
    Sinkhorn s;
};

Tensor drawn(const std::vector<int64_t>& shape, uint32_t which, DType type = DType::float64) {
    int64_t n = 1;
    for (int64_t s : shape) n *= s;
    return tensor(numbers(n, which), shape, type);
}
std::vector<double> off_one(const Tensor& sums) { return (sums - 1).to_vector(); }
Tensor matrix_of_identity(int64_t n) {
    return (range(n).unsqueeze(1) == range(n)).to(DType::float32);
}

} // namespace

TEST_CASE("sinkhorn: rows and columns add up to 1 within 1e-6 after 20 iterations at tau 1") {
    for (int64_t n : {2, 10, 64, 256}) {
        const Own own(three);
        const auto& s = own.s;
        const auto p = s(s.start(n));
        CHECK(largest(off_one(p.sum(2))) < 1e-6); // the last to be normalised
        CHECK(largest(off_one(p.sum(1))) < 1e-6);
        const auto diagonal = p.to_vector()[0]; // near e / (e + n - 1): a start that is nearly
                                                // uniform in a wide layer
        CHECK(std::abs(diagonal - std::exp(1.0) / (std::exp(1.0) + static_cast<double>(n) - 1)) <
              0.1);
    }
}

TEST_CASE("sinkhorn: two units in closed form, P11 = sigmoid(l d / (2 tau))") {
    for (const char* way : {"implicit", "unrolled"})
        for (const auto& [tau, l] : {std::pair{1.0, 1.0}, {0.5, 1.0}, {2.0, 3.0}}) {
            INFO(way << ", tau " << tau << ", l " << l);
            const Own own(one, {{"tau", tau}, {"l", l}, {"n_iter", 200}, {"gradient", way}});
            const auto& s = own.s;
            const auto x = tensor({0.3, -0.2, 0.1, 0.4}, {1, 2, 2});
            const double d = 0.3 + 0.4 + 0.2 - 0.1, wanted = 1 / (1 + std::exp(-l * d / (2 * tau)));
            const auto p = s(x);
            CHECK(distance(p.to_vector(), {wanted, 1 - wanted, 1 - wanted, wanted}) <
                  1e-7); // tau and l are float32
            const double slope = wanted * (1 - wanted) * l / (2 * tau);
            const auto g = s.gradient(x, p, tensor({1, 0, 0, 0}, {1, 2, 2})).to_vector(); // of P11
            CHECK(distance(g, {slope, -slope, -slope, slope}) < 1e-6);
        }
}

TEST_CASE(
    "sinkhorn: the implicit gradient is the unrolled one, and what differences of values say") {
    for (int64_t n : {7, 8}) // an odd size is padded
        for (double tau : {1.0, 0.5}) {
            INFO("n " << n << ", tau " << tau);
            const Json settings{{"n_iter", 200}, {"tau", tau}};
            auto unrolled = settings;
            unrolled["gradient"] = "unrolled";
            const Own own(three, settings), other(three, unrolled);
            const auto &s = own.s, &u = other.s;
            const auto x = drawn({3, n, n}, 1), g = drawn({3, n, n}, 2), p = s(x);
            const auto implicit = s.gradient(x, p, g);
            CHECK(distance(implicit.to_vector(), u.gradient(x, p, g).to_vector()) < 1e-4);
            CHECK(largest(implicit.sum(1).to_vector()) < 1e-9);
            CHECK(largest(implicit.sum(2).to_vector()) < 1e-9);
            const auto values = x.to_vector(), slopes = implicit.to_vector();
            for (std::size_t k : {0u, 5u, 60u, 120u}) {
                const double h = 1e-5;
                auto up = values, down = values;
                up[k] += h, down[k] -= h;
                const auto loss = [&](const std::vector<double>& v) {
                    return (s(tensor(v, {3, n, n})) * g).sum().item();
                };
                CHECK(slopes[k] == Approx((loss(up) - loss(down)) / (2 * h)).margin(1e-7));
            }
        }
}

TEST_CASE(
    "sinkhorn: a matrix without a factor gives that replica the gradient 0 and leaves the others "
    "as they are") {
    const Own own(three);
    const auto& s = own.s;
    auto x = drawn({3, 6, 6}, 3, DType::float32);
    const auto g = drawn({3, 6, 6}, 4, DType::float32);
    const auto before = s.gradient(x, s(x), g).to_vector();
    x.select(0, 1).copy_(matrix_of_identity(6) * 1e4); // hard to all digits
    const auto p = s(x);
    CHECK(p.select(0, 1).to_vector() == matrix_of_identity(6).to_vector());
    const auto after = s.gradient(x, p, g).to_vector();
    for (std::size_t k = 0; k < 36; ++k) {
        CHECK(after[k] == before[k]);
        CHECK(after[36 + k] == 0);
        CHECK(after[72 + k] == before[72 + k]);
    }
}

TEST_CASE(
    "sinkhorn: a replica's bits do not depend on its neighbours, nor on where its matrix begins") {
    for (const char* way : {"implicit", "unrolled"})
        for (int64_t n : {10, 24, 256}) {
            INFO(way << ", n " << n);
            const Json settings{{"gradient", way}};
            const Own together(three, settings), alone(one, settings);
            const auto& s = alone.s;
            const auto x = drawn({3, n, n}, 5, DType::float32),
                       g = drawn({3, n, n}, 6, DType::float32), all = together.s(x);
            const auto soft = all.to_vector(), slope = together.s.gradient(x, all, g).to_vector();
            for (int64_t r = 0; r < 3; ++r) {
                const auto xr = x.narrow(0, r, 1), p = s(xr); // lies where it lay
                const auto from = static_cast<std::ptrdiff_t>(r * n * n),
                           to = from + static_cast<std::ptrdiff_t>(n * n);
                CHECK(p.to_vector() == std::vector<double>(soft.begin() + from, soft.begin() + to));
                CHECK(s.gradient(xr, p, g.narrow(0, r, 1)).to_vector() ==
                      std::vector<double>(slope.begin() + from, slope.begin() + to));
            }
        }
}

TEST_CASE("sinkhorn: where X starts") {
    const auto start = [](const char* init) { return Own(three, {{"init", init}}).s.start(50); };
    const SessionFixture fixture(three);
    CHECK(start("identity").select(0, 2).to_vector() == matrix_of_identity(50).to_vector());
    const auto noise = ((start("noise") - start("identity")) * 10).to_vector();
    double square = 0;
    for (double v : noise) square += v * v;
    CHECK(square / static_cast<double>(noise.size()) ==
          Approx(1).margin(0.06)); // 7,500 draws: four times their deviation
    const auto random = start("random");
    CHECK(largest(off_one(random.sum(1))) == 0);
    CHECK(largest(off_one(random.sum(2))) == 0);
    CHECK(random.select(0, 0).to_vector() != random.select(0, 1).to_vector());
}
