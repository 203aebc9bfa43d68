// SPDX-License-Identifier: Apache-2.0
// Supermasks: which weights a mask keeps, what they start from, and the gradient of the scores.
#include "catch.hpp"

#include <algorithm>
#include <cmath>

#include <mneme/supermask.hpp>

#include "supermask.hpp"

using namespace mneme;
using namespace mneme::test;

TEST_CASE(
    "supermask: the kept count is numel - floor((1 - k) numel), whatever the product rounds to") {
    CHECK(kept_count(0.1, 7) == 1);
    CHECK(kept_count(0.1, 10) == 1);
    CHECK(kept_count(0.1, 99) == 10);
    CHECK(kept_count(0.9, 10) == 9);
    CHECK(kept_count(1, 10) == 10);
    CHECK(kept_count(0.02, 200) == 4);
    CHECK(kept_count(1e-9, 10) == 1); // never none
    for (int64_t n = 1; n <= 300; ++n)
        for (int64_t j = 1; j <= n; ++j)
            REQUIRE(kept_count(static_cast<double>(j) / static_cast<double>(n), n) == j);
}

TEST_CASE("supermask: the largest of each row, and of equal ones the last") {
    SessionFixture fixture(stream());
    for (int64_t k : {1, 2, 7, 30, 59, 60}) {
        Vector values, ties;
        for (double v : numbers(3 * 60, 3))
            values.push_back(std::abs(v)),
                ties.push_back(std::floor(std::abs(2 * v))); // four or five values
        ties[17] = ties[18] = -0.0;
        for (const auto& all : {values, ties, Vector(180, 0.5)}) {
            std::vector<bool> wanted, by_row;
            for (std::ptrdiff_t s = 0; s < 3; ++s) {
                const Vector row(all.begin() + 60 * s, all.begin() + 60 * (s + 1));
                const auto b = brute(row, k);
                wanted.insert(wanted.end(), b.begin(), b.end());
                const auto alone = flags(largest_of(tensor(row, {1, 60}, DType::float32), k));
                by_row.insert(by_row.end(), alone.begin(), alone.end());
            }
            const auto together = flags(largest_of(tensor(all, {3, 60}, DType::float32), k));
            CHECK(together == wanted);
            CHECK(together == by_row);
        }
    }
}

TEST_CASE("supermask: each layer keeps its own count; biases are kept, padding is not") {
    auto l = stream();
    l.bias = true;
    SessionFixture fixture(l);
    const Supermask masks(fixture.setup({{"density", 0.25}}));
    const auto scores = masks.fresh();
    const auto m = masks.mask(scores).to_vector(), s = scores.to_vector();
    const auto columns = fixture.net().columns();
    for (int64_t r = 0; r < 2; ++r) {
        Vector sum(fixture.net().layers().size());
        double all = 0;
        for (std::size_t k = 0; k < sum.size(); ++k) {
            const auto& layer = fixture.net().layers()[k];
            double least_kept = 1e9, most_dropped = 0;
            for (int64_t c = layer.offset; c < layer.offset + layer.numel; ++c) {
                const auto at = static_cast<std::size_t>(r * columns + c);
                sum[k] += m[at];
                if (m[at] != 0) least_kept = std::min(least_kept, std::abs(s[at]));
                else most_dropped = std::max(most_dropped, std::abs(s[at]));
            }
            const bool weight = layer.kind == LayerKind::weight;
            CHECK(sum[k] ==
                  static_cast<double>(weight ? kept_count(0.25, layer.numel) : layer.numel));
            CHECK((!weight || least_kept > most_dropped));
            all += sum[k];
        }
        double row = 0;
        for (int64_t c = 0; c < columns; ++c) row += m[static_cast<std::size_t>(r * columns + c)];
        CHECK(row == all);
    }
}

TEST_CASE("supermask: scores and weights start as published") {
    auto l = stream();
    l.bias = true;
    SessionFixture fixture(l);
    const auto initial = fixture.net().initial().theta;
    const Supermask plain(fixture.setup({{"density", 0.25}}));
    const auto scores = plain.fresh().to_vector(), weights = plain.constants(initial).to_vector(),
               start = initial.to_vector();
    const auto again = plain.fresh().to_vector();
    CHECK(scores != again); // a second draw of the same source
    SessionFixture other(l);
    const Supermask scaled(other.setup(
        {{"density", 0.25}, {"fan_by_density", true}, {"density_rule", "uniform_body"}}));
    const auto larger = scaled.constants(initial).to_vector();
    const auto& layers = fixture.net().layers();
    for (const auto& layer : layers) {
        double most = 0;
        const bool head = layer.offset == layers[4].offset; // weights and biases by turns
        for (int64_t r = 0; r < 2; ++r)
            for (int64_t c = layer.offset; c < layer.offset + layer.numel; ++c) {
                const auto at = static_cast<std::size_t>(r * fixture.net().columns() + c);
                if (layer.kind == LayerKind::bias) {
                    CHECK(weights[at] == 0);
                    CHECK(scores[at] == 0);
                    continue;
                }
                const double size = std::sqrt(2.0 / static_cast<double>(layer.fan_in)),
                             sign = start[at] < 0 ? -1 : 1;
                CHECK(std::abs(weights[at] - sign * size) < 1e-6);
                CHECK(std::abs(larger[at] - sign * size / std::sqrt(head ? 0.5 : 0.25)) < 1e-6);
                most = std::max(
                    most, std::abs(scores[at]) * std::sqrt(static_cast<double>(layer.fan_in)));
            }
        if (layer.kind == LayerKind::weight) {
            CHECK(most <= 1.000001);
            CHECK(most > 0.85);
        }
    }
}

TEST_CASE("supermask: density rules") {
    const auto kept = [&](const Json& options) {
        SessionFixture fixture(
            {.features = 784, .hidden = {300, 100}, .seeds = {1}, .classes = 3, .bias = false});
        const Supermask masks(fixture.setup(options));
        const auto m = masks.mask(masks.fresh()).to_vector();
        Vector out;
        for (const auto& layer : fixture.net().layers()) {
            double sum = 0;
            for (int64_t c = layer.offset; c < layer.offset + layer.numel; ++c)
                sum += m[static_cast<std::size_t>(c)];
            out.push_back(sum);
        }
        return out;
    };
    CHECK(kept({{"density", 0.02}}) == Vector{4704, 600, 6});
    CHECK(kept({{"density", 0.02}, {"density_rule", "uniform_body"}}) == Vector{4704, 600, 150});
    CHECK(kept({{"density", 0.6}, {"density_rule", "uniform_body"}})[2] == 180);
    // Shares c (784 + 300) / 235200, c 400 / 30000, at most .5 (the head: 103 / 300 c): c = (.02 *
    // 265500 - 150) / 1484 for a full head.
    const auto er = kept({{"density", 0.02}, {"density_rule", "erdos_renyi"}});
    const double c = (0.02 * 265500 - 150) / 1484;
    REQUIRE(c * 103 / 300 > 0.5);
    CHECK(er == Vector{std::ceil(c * 1084), std::ceil(c * 400), 150});
    const auto said = refusal([&] { kept({{"density", 0.6}, {"density_rule", "erdos_renyi"}}); });
    CHECK(said ==
          "density: 0.600000; density_rule = erdos_renyi keeps at most half of a layer; use 0.5 or "
          "less");
    CHECK(refusal([&] {
              kept({{"density", 0.005}});
          }) ==
          "density: 0.005000 keeps 2 of the output layer's 300 weights, for 3 classes; use a "
          "larger density, or density_rule = uniform_body");
    CHECK(kept({{"density", 0.005}, {"density_rule", "uniform_body"}})[2] == 150);
}

TEST_CASE("supermask: bits hold the mask") {
    SessionFixture fixture(stream({1, 2, 3}));
    const Supermask masks(fixture.setup({{"density", 0.37}}));
    const auto m = masks.mask(masks.fresh());
    const auto bits = masks.packed(m);
    CHECK(bits.dtype() == DType::uint8);
    CHECK(bits.shape() == std::vector<int64_t>{3, fixture.net().columns() / 8});
    CHECK(flags(masks.unpacked(bits)) == flags(m));
    const auto all = ones_like(m) > 0;
    CHECK(masks.packed(all).amin(1).to_vector() == Vector(3, 255));
}

TEST_CASE("supermask: the gradient goes straight through to every score, kept or dropped") {
    SessionFixture fixture({.features = 3,
                            .hidden = {},
                            .seeds = {4},
                            .scenario = "task",
                            .classes = 2,
                            .tasks = {{0, 1}},
                            .bias = false,
                            .shared_head = true});
    fixture.set_examples(0, make_task_data(8, 3, {0, 1}, 1));
    PluginLearner learner(fixture, "supsup", {{"density", 0.5}});
    learner.begin_task(0);
    auto p = learner.phases(0).at(0);
    p.steps = 10, p.epochs = 1;
    learner.begin_phase(p, 0);
    const auto theta = learner.theta(), s = learner.state().at("~scores");
    const auto& layer = fixture.net().layers()[0];
    const auto at = [&](int64_t c) { return static_cast<std::size_t>(layer.offset + c); };
    Vector size;
    for (int64_t c = 0; c < 6; ++c) size.push_back(std::abs(s[at(c)]));
    const auto m = brute(size, 3);
    const Vector x{0.5, -1.25, 2};
    double logit[2] = {0, 0};
    for (int64_t c = 0; c < 6; ++c)
        logit[c / 3] +=
            m[static_cast<std::size_t>(c)] ? theta[at(c)] * x[static_cast<std::size_t>(c % 3)] : 0;
    const double p1 = 1 / (1 + std::exp(logit[0] - logit[1]));
    learner.observe(batch(1, x, {1}), 0, 0);
    const auto moment = learner.state().at("descend.~first"); // Adam: .1 of the first gradient
    for (int64_t c = 0; c < 6; ++c) {
        const double g = (c / 3 == 1 ? p1 - 1 : 1 - p1) * x[static_cast<std::size_t>(c % 3)];
        const double wanted = g * theta[at(c)] * (s[at(c)] < 0 ? -1 : 1);
        CHECK(moment[at(c)] == Approx(0.1 * wanted).epsilon(1e-5));
        CHECK(moment[at(c)] != 0);
    }
}
