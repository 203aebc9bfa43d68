// SPDX-License-Identifier: Apache-2.0
// The gradient of the loss along a line: closed forms of quadratics, in double.
#include "catch.hpp"

#include <algorithm>

#include <benchmarks/random.hpp>
#include <mneme/line.hpp>

#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

constexpr int64_t columns = 5;
Tensor row(uint32_t which) { return tensor(numbers(columns, which), {1, columns}); }

struct OnDesk { // a method opens a purpose once, so each line has a fixture of its own
    explicit OnDesk(const Json& options, const Layout& layout = {})
        : fixture(layout), line(fixture.setup(options)) {}
    SessionFixture fixture;
    const Line line;
};

std::vector<double> scaled(const Tensor& t, double by) { return (t * by).to_vector(); }

} // namespace

// Two isotropic quadratics 1/2 |w - centre|^2: stored rows centred at w_bar, current rows at w_hat.
TEST_CASE("line: two quadratics meet halfway, with the curvature 2 (2n + 1) / (6n)") {
    const SessionFixture fixture({});
    for (int64_t n : {1, 5, 10})
        for (bool sum : {false, true}) {
            INFO("n = " << n << ", sum " << sum);
            const OnDesk on({{"points", n}, {"line_points", sum ? "sum" : "mean"}});
            const auto bar = row(1), hat = row(2), off = row(3);
            const auto gradient = [&](const Tensor& z) {
                return on.line.along(bar, z, [&](const Tensor& w) { return w - bar; }) +
                       on.line.along(hat, z, [&](const Tensor& w) { return w - hat; });
            };
            const auto middle = (bar + hat) * 0.5;
            CHECK(largest(gradient(middle).to_vector()) < 1e-14);
            const double points = static_cast<double>(n),
                         curvature = 2 * (2 * points + 1) / (6 * points) * (sum ? points + 1 : 1);
            CHECK(distance(gradient(middle + off).to_vector(), scaled(off, curvature)) < 1e-14);
        }
}

TEST_CASE("line: a constant gradient shows each point's factor") {
    const SessionFixture fixture({});
    const auto d = row(4);
    const auto total = [&](const char* mode, int64_t n, const char* points) {
        return OnDesk({{"mode", mode}, {"points", n}, {"line_points", points}})
            .line.along(row(1), row(2), [&](const Tensor&) { return d; })
            .to_vector();
    };
    for (int64_t n : {1, 4, 10}) {
        const double m = static_cast<double>(n);
        CHECK(distance(total("exact", n, "sum"), scaled(d, (m + 1) / 2)) < 1e-14);
        CHECK(distance(total("plain", n, "sum"), scaled(d, m + 1)) < 1e-14);
        CHECK(distance(total("authors", n, "sum"), scaled(d, (m + 1) * (m + 2) / 2)) < 1e-14);
        CHECK(distance(total("exact", n, "mean"), scaled(d, 0.5)) < 1e-14);
        CHECK(distance(total("plain", n, "mean"), scaled(d, 1)) < 1e-14);
        CHECK(distance(total("authors", n, "mean"), scaled(d, (m + 2) / 2)) < 1e-14);
    }
}

TEST_CASE("line: the gradient is that of the points in their order") {
    const SessionFixture fixture({});
    const auto from = row(1), z = row(2);
    const auto met = [&](const char* mode) {
        const OnDesk on({{"mode", mode}, {"points", 4}, {"line_points", "sum"}});
        std::vector<std::vector<double>> at;
        on.line.along(from, z, [&](const Tensor& w) { return at.push_back(w.to_vector()), w; });
        return at;
    };
    CHECK(met("exact").size() == 4); // the fixed end adds nothing and is left out
    for (const char* mode : {"plain", "authors"}) {
        const auto at = met(mode);
        REQUIRE(at.size() == 5);
        for (std::size_t j = 0; j < 5; ++j)
            CHECK(distance(at[j], (from + (z - from) * (static_cast<double>(j) / 4)).to_vector()) <
                  1e-14);
        CHECK(at[0] == from.to_vector());
        CHECK(at[4] == z.to_vector());
    }
}

TEST_CASE("line: uniform draws one point for each batch from line_alpha") {
    for (const char* mode : {"exact", "plain", "authors"}) {
        OnDesk on({{"mode", mode}, {"alphas", "uniform"}, {"points", 7}}, {.seeds = {3, 8}});
        for (uint32_t step : {0, 1, 5}) {
            on.fixture.seek(2, 1, step);
            for (uint32_t call : {0, 1}) {
                std::vector<std::vector<double>> at;
                const auto g =
                    on.line.along(zeros({2, 1}), zeros({2, 1}) + 1,
                                  [&](const Tensor& w) { return at.push_back(w.to_vector()), w; });
                REQUIRE(at.size() == 1);
                for (std::size_t s = 0; s < 2; ++s) {
                    float a = 0;
                    bench::uniform(
                        1, {static_cast<uint32_t>(s ? 8 : 3), bench::purpose("plugin/line_alpha")},
                        {call, step, 2 * 256 + 1}, &a);
                    CHECK(at[0][s] == a);
                    CHECK(g.to_vector()[s] == (std::string(mode) == "exact" ? a * a : a));
                }
            }
        }
    }
}
