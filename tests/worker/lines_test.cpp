// SPDX-License-Identifier: Apache-2.0
// Lines between minima: the ends are the networks themselves, a permuted copy is found again, and
// what is not a network of these weights is named.
#include "torch_catch.hpp"

#include <cmath>
#include <optional>

#include <ATen/ATen.h>
#include <results/geometry.hpp>
#include <results/results.hpp>

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

// The hidden units of the first layer in the reverse order: rows of its weights and biases, columns
// of the next layer's.
at::Tensor reversed(const std::vector<bench::Layer>& layers, const at::Tensor& theta) {
    auto copy = theta.clone();
    for (const auto& l : layers) {
        auto part = copy.narrow(1, l.offset, l.numel);
        if (l.out_group == 0) part.copy_(part.view({l.shape[0], -1}).flip(0).reshape({1, -1}));
        if (l.in_group == 0) part.copy_(part.view({l.shape[0], -1}).flip(1).reshape({1, -1}));
    }
    return copy;
}

} // namespace

TEST_CASE("the ends of a line score as the file says of them", "[run]") {
    for (const char* scenario : {"domain", "class"}) {
        INFO(scenario);
        const auto asked = with_weights("finetune", scenario);
        auto block = run(asked)[0];
        harness::Lines lines(block, {.points = 5});
        harness::Minima minima(asked, 0);
        CHECK(harness::StoredNetworks(block).any(0, 0));
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
    const auto original = harness::with_padding(layers, minima.network().columns(), first);
    const auto copy = reversed(layers, original);
    const auto packed = harness::without_padding(layers, copy);
    std::copy_n(packed.data_ptr<float>(), size, block.weights.data.begin() + std::ptrdiff_t(size));
    block.n_correct.data[3] = block.n_correct.data[0]; // after "task 2": the copy
    block.n_correct.data[4] = minima.score(minima.with_statistics(copy, 1), 1, 1).correct[0];
    using harness::Match;
    harness::Lines lines(block, {.points = 9, .matches = {Match::weights, Match::l2, Match::mid}});
    REQUIRE(lines.evaluate(0, 0, minima) == "");
    const double before = barrier_of(block, block.geometry_loss, 0, 0);
    CHECK(before > 0.01);
    CHECK(block.geometry_distance.data[0] > 0.1);
    for (const auto* loss :
         {&block.geometry_matched_loss, &block.geometry_l2_loss, &block.geometry_mid_loss}) {
        const double after = barrier_of(block, *loss, 0, 0);
        INFO("barrier " << before << ", matched " << after);
        CHECK(after < 1e-6);
    }
    // Mid looks for a low middle, and finds one beside the network that was permuted.
    CHECK(block.geometry_matched_distance.data[0] == 0);
    CHECK(block.geometry_l2_distance.data[0] == 0);
    // Permuted features are as like as can be; those of other weights are not.
    const auto at_end = [&](const at::Tensor& theta) { return minima.with_statistics(theta, 0); };
    CHECK(std::abs(minima.cka(at_end(original), at_end(copy), 0) - 1) < 1e-12);
    CHECK(minima.cka(at_end(original), at_end(original.roll(1, 1)), 0) < 0.999);
}

TEST_CASE("a line between seeds ends at the next seed's network after the same task", "[run]") {
    auto both = with_weights("finetune", "domain");
    both.runs = cell("finetune", small_stream("domain"), {4, 9}).runs;
    const auto blocks = run(both);
    auto file = results::merge({{"", "", {blocks[0]}}, {"", "", {blocks[1]}}}, {"a", "b"});
    auto& block = file.blocks[0];
    harness::Minima first(with_weights("finetune", "domain"), 0);
    harness::Lines lines(block, {.points = 3, .matches = {}, .between_seeds = true});
    CHECK(block.geometry_pair_from.data == std::vector<int32_t>{1, 2, 1, 1, 2, 3});
    CHECK(block.geometry_pair_to.data == std::vector<int32_t>{2, 3, 3, 1, 2, 3});
    CHECK(block.geometry_pair_seed.data ==
          std::vector<int32_t>{4, 4, 4, 9, 9, 9, 9, 9, 9, 4, 4, 4});
    REQUIRE(lines.evaluate(0, 0, first) == "");
    CHECK(block.geometry_matched_loss.empty());
    for (std::size_t t = 0; t < 3; ++t) {
        double squares = 0;
        for (std::size_t k = 0; k < block.weights.shape[3]; ++k)
            squares += std::pow(
                double(block.weights.at({0, 0, t, k})) - double(block.weights.at({0, 1, t, k})), 2);
        CHECK(std::abs(block.geometry_distance.at({0, 0, 3 + t}) - std::sqrt(squares)) < 1e-6);
        for (std::size_t k = 0; k <= t; ++k) {
            CHECK(block.geometry_correct.at({0, 0, 3 + t, 0, k}) ==
                  block.n_correct.at({0, 0, t, k}));
            CHECK(block.geometry_correct.at({0, 0, 3 + t, 2, k}) ==
                  block.n_correct.at({0, 1, t, k}));
        }
    }
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
