// SPDX-License-Identifier: Apache-2.0
// Weights, predictions and confidences that a run keeps: what they are, and that a file of them is
// valid.
#include "torch_catch.hpp"

#include <cmath>
#include <filesystem>

#include <ATen/ATen.h>
#include <results/results.hpp>

#include "../folder.hpp"
#include "support.hpp"
#include "worker/kept_weights.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

results::Block kept(const std::string& weights, bool predictions = false) {
    auto asked = cell("finetune", small_stream("class"), {3});
    asked.evaluation.weights = weights;
    asked.evaluation.predictions = predictions;
    asked.data.benchmark.digest = std::string(64, 'a');
    asked.runs[0].digest = std::string(64, 'b');
    return run(asked)[0];
}

} // namespace

TEST_CASE("padding is taken out and put back") {
    bench::NetworkSpec spec;
    spec.hidden = {5, 3};
    const auto network = bench::make_network(spec, {7}, 4);
    CHECK(harness::entries(network->layers()) == network->parameters());
    CHECK(network->parameters() == 7 * 5 + 5 + 5 * 3 + 3 + 3 * 4 + 4);
    const auto theta = at::stack({network->initial(1), network->initial(2)});
    const auto packed = harness::without_padding(network->layers(), theta);
    CHECK(packed.size(1) == network->parameters());
    CHECK(at::equal(harness::with_padding(network->layers(), network->columns(), packed), theta));
    const auto layers = protocol::Json::parse(harness::network_layers(*network));
    REQUIRE(layers.size() == 6);
    CHECK(layers[0]["shape"] == protocol::Json::array({5, 7}));
    int64_t offset = 0;
    for (const auto& layer : layers) {
        CHECK(layer["of"] == "weights");
        CHECK(layer["offset"] == offset);
        int64_t size = 1;
        for (const auto& n : layer["shape"]) size *= n.get<int64_t>();
        offset += size;
    }
    CHECK(offset == network->parameters());
}

TEST_CASE("weights are kept of the task ends that were asked for, and move no number", "[run]") {
    const auto none = kept("none"), last = kept("last"), all = kept("task_ends");
    CHECK(none.weights.empty());
    CHECK(none.network_layers.empty());
    std::string difference;
    CHECK(same_facts(all, none, difference));
    CHECK(same_facts(last, none, difference));
    REQUIRE(all.weights.shape.size() == 4);
    const std::size_t size = all.weights.shape[3];
    CHECK(size == 12 * 24 + 24 + 24 * 16 + 16 + 16 * 9 + 9);
    for (std::size_t k = 0; k < size; ++k) {
        CHECK(std::isnan(last.weights.at({0, 0, 0, k})));
        CHECK(std::isnan(last.weights.at({0, 0, 1, k})));
        CHECK(last.weights.at({0, 0, 2, k}) == all.weights.at({0, 0, 2, k}));
        CHECK(std::isfinite(all.weights.at({0, 0, 0, k})));
    }
    CHECK(all.weights.at({0, 0, 0, 0}) != all.weights.at({0, 0, 1, 0}));
}

TEST_CASE("a file with weights, predictions and confidences is valid, and comes back", "[run]") {
    const Folder folder;
    const auto block = kept("task_ends", true);
    results::write(folder.path() / "r.h5", {"a run", "", {block}});
    CHECK(results::validate(folder.path() / "r.h5") == std::vector<std::string>{});
    const auto again = results::read(folder.path() / "r.h5").blocks[0];
    CHECK(again.weights.data == block.weights.data);
    CHECK(again.predictions.data == block.predictions.data);
    CHECK(again.labels.data == block.labels.data);
    CHECK(again.calibration_confidence.data == block.calibration_confidence.data);
    CHECK(again.predictions.shape == (std::vector<std::size_t>{1, 1, 3, 120}));
    auto wrong = block; // one prediction that the counts do not know
    auto& said = wrong.predictions.data[0];
    said = said == wrong.labels.data[0] ? said + 1 : wrong.labels.data[0];
    results::write(folder.path() / "w.h5", {"a run", "", {wrong}});
    const auto faults = results::validate(folder.path() / "w.h5");
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].find("/predictions[0,0,0,0]: ") != std::string::npos);
}
