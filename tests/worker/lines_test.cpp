// SPDX-License-Identifier: Apache-2.0
// Lines between minima: the ends are the networks themselves, a permuted copy is found again, and
// what is not a network of these weights is named.
#include "torch_catch.hpp"

#include <cmath>
#include <optional>

#include <ATen/ATen.h>
#include <results/geometry.hpp>

#include "support.hpp"
#include "worker/geometry/lines.hpp"
#include "worker/geometry/matching.hpp"
#include "worker/kept_weights.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

protocol::Cell with_weights(const std::string& plugin, const std::string& scenario) {
    auto asked = cell(plugin, small_stream(scenario), {4});
    asked.evaluation.weights = "task_ends";
    return asked;
}

double barrier_of(const results::Block& block, const results::Array<double>& loss, std::size_t pair,
                  std::size_t task) {
    std::vector<double> line;
    for (std::size_t p = 0; p < block.geometry_position.data.size(); ++p)
        line.push_back(loss.at({0, 0, pair, p, task}));
    return results::barrier(line, results::BarrierOver::line);
}

} // namespace

TEST_CASE("the ends of a line score as the file says of them", "[run]") {
    for (const char* scenario : {"domain", "class"}) {
        INFO(scenario);
        const auto asked = with_weights("finetune", scenario);
        auto block = run(asked)[0];
        harness::Lines lines(block, {.points = 5});
        harness::Minima minima(asked, 0);
        CHECK(lines.has_weights(0, 0));
        CHECK(lines.evaluate(0, 0, minima) == "");
        CHECK(block.geometry_pair_from.data == std::vector<int32_t>{1, 2, 1});
        CHECK(block.geometry_pair_to.data == std::vector<int32_t>{2, 3, 3});
        CHECK(block.geometry_position.data == std::vector<double>{0, 0.25, 0.5, 0.75, 1});
        for (std::size_t p = 0; p < 3; ++p) {
            const auto to = static_cast<std::size_t>(block.geometry_pair_to.data[p]) - 1;
            for (std::size_t k = 0; k <= to; ++k) {
                CHECK(block.geometry_correct.at({0, 0, p, 4, k}) ==
                      block.n_correct.at({0, 0, to, k}));
                CHECK(std::abs(block.geometry_loss.at({0, 0, p, 4, k}) -
                               block.loss.at({0, 0, to, k})) < 1e-6);
                CHECK(std::abs(block.geometry_matched_loss.at({0, 0, p, 0, k}) -
                               block.geometry_loss.at({0, 0, p, 0, k})) <
                      1e-4); // the same function
            }
            CHECK(block.geometry_matched_distance.data[p] <=
                  block.geometry_distance.data[p] + 1e-6);
        }
        for (std::size_t t = 0; t < 3; ++t)
            CHECK(std::abs(block.geometry_cosine.at({0, 0, t, t}) - 1) < 1e-12);
    }
}

TEST_CASE("a permuted copy of a network has a barrier before matching, and none behind", "[run]") {
    const auto asked = with_weights("finetune", "domain");
    auto block = run(asked)[0];
    harness::Minima minima(asked, 0);
    const auto& layers = minima.network().layers();
    const std::size_t size = block.weights.shape[3];
    const auto first =
        at::from_blob(block.weights.data.data(), {1, static_cast<int64_t>(size)}, at::kFloat);
    // The hidden units of the first layer in the reverse order: rows of its weights and biases,
    // columns of the next layer's.
    auto copy = harness::with_padding(layers, minima.network().columns(), first).clone();
    for (const auto& l : layers) {
        auto part = copy.narrow(1, l.offset, l.numel);
        if (l.out_group == 0) part.copy_(part.view({l.shape[0], -1}).flip(0).reshape({1, -1}));
        if (l.in_group == 0) part.copy_(part.view({l.shape[0], -1}).flip(1).reshape({1, -1}));
    }
    const auto packed = harness::without_padding(layers, copy);
    std::copy_n(packed.data_ptr<float>(), size, block.weights.data.begin() + std::ptrdiff_t(size));
    block.n_correct.data[3] = block.n_correct.data[0]; // after "task 2": the copy
    block.n_correct.data[4] = minima.score(copy, 1, 1).correct[0];
    harness::Lines lines(block, {.points = 9});
    REQUIRE(lines.evaluate(0, 0, minima) == "");
    const double before = barrier_of(block, block.geometry_loss, 0, 0),
                 after = barrier_of(block, block.geometry_matched_loss, 0, 0);
    INFO("barrier " << before << ", matched " << after);
    CHECK(before > 0.01);
    CHECK(after < 1e-6);
    CHECK(block.geometry_distance.data[0] > 0.1);
    CHECK(block.geometry_matched_distance.data[0] == 0);
}

TEST_CASE("a method that answers by more than its weights is named, and has no lines", "[run]") {
    const auto asked = with_weights("single", "task");
    auto block = run(asked)[0];
    harness::Lines lines(block, {.points = 3});
    harness::Minima minima(asked, 0);
    const auto why = lines.evaluate(0, 0, minima);
    CHECK(why.find("its weights after task 3 answer ") == 0);
    CHECK(why.find("it answers by more than these weights") != std::string::npos);
    for (double loss : block.geometry_loss.data) CHECK(std::isnan(loss));
}
