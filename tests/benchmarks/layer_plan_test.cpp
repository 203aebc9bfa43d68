// SPDX-License-Identifier: Apache-2.0
// Lists of layers before anything is computed: shapes, parameters, multiply-adds, groups.
#include "catch.hpp"
#include "support.hpp"

#include <benchmarks/layer_plan.hpp>
#include <benchmarks/spec_json.hpp>

using namespace bench_test;

namespace {

NetworkSpec list_of(const std::string& layers) {
    NetworkSpec spec;
    spec.kind = "layers";
    spec.layer = nlohmann::json::parse(layers).get<std::vector<LayerSpec>>();
    return spec;
}

int64_t parameters(const NetworkPlan& plan) {
    int64_t sum = 0;
    for (const auto& tensor : plan.tensors) {
        int64_t numel = 1;
        for (int64_t size : tensor.shape) numel *= size;
        sum += numel;
    }
    return sum;
}

using Shape = std::vector<int64_t>;

} // namespace

TEST_CASE("layer plan: shapes, parameters and multiply-adds of a small convolutional network") {
    const auto plan = plan_network(
        list_of(R"([{"kind":"conv","channels":8,"kernel":5,"stride":2,"padding":2,"name":"stem"},)"
                R"({"kind":"norm","over":"batch"},{"kind":"relu"},)"
                R"({"kind":"conv","channels":16,"kernel":3,"groups":4,"bias":false},)"
                R"({"kind":"max_pool","kernel":2},{"kind":"flatten"}])"),
        {3, 32, 32}, 10);
    REQUIRE(plan.layers.size() == 7);
    CHECK(plan.layers[0].out == Shape{8, 16, 16});
    CHECK(plan.layers[0].multiply_adds == 16 * 16 * 8 * 3 * 25);
    CHECK(plan.layers[3].out == Shape{16, 14, 14});
    CHECK(plan.layers[3].multiply_adds == 14 * 14 * 16 * 2 * 9);
    CHECK(plan.layers[4].out == Shape{16, 7, 7});
    CHECK(plan.layers[6].out == Shape{10});
    CHECK(plan.layers[6].name == "head");
    CHECK(parameters(plan) == 8 * 75 + 8 + 16 + 16 * 2 * 9 + 784 * 10 + 10);
    CHECK(plan.tensors[0].name == "stem.weight");
    CHECK(plan.tensors[2].name == "norm1.scale");
    CHECK(plan.stats.size() == 2);
    CHECK(plan.groups.empty()); // a convolution of groups
}

TEST_CASE("layer plan: a vit's parameters and multiply-adds by the formulas") {
    NetworkSpec vit;
    vit.kind = "vit", vit.depth = 2, vit.width = 64, vit.heads = 4, vit.patch = 4;
    const auto plan = plan_network(vit, {1, 28, 28}, 10);
    const int64_t d = 64, t = 50;
    const int64_t block = 4 * d + 4 * d * d + 4 * d + 8 * d * d + 5 * d;
    CHECK(parameters(plan) == 16 * d + d + d + t * d + 2 * block + 2 * d + 10 * d + 10);
    int64_t sum = 0;
    for (const auto& layer : plan.layers) {
        sum += layer.multiply_adds;
        for (const auto& inside : layer.layers) sum += inside.multiply_adds;
    }
    CHECK(sum == 49 * 16 * d + 2 * (12 * t * d * d + 2 * t * t * d) + 10 * d);
    CHECK(plan.groups.empty());
}

TEST_CASE("layer plan: channels that a sum joins are one group, a raw input is none") {
    const auto plan = plan_network(
        list_of(R"([{"kind":"conv","channels":4,"kernel":3,"padding":1},)"
                R"({"kind":"residual","layers":[{"kind":"conv","channels":6,"kernel":1},)"
                R"({"kind":"conv","channels":4,"kernel":1}]},{"kind":"flatten"}])"),
        {2, 3, 3}, 5);
    CHECK(plan.groups == std::vector<int64_t>{4, 6});
    CHECK(plan.tensors.back().out_group == -1);
    CHECK(plan.tensors[plan.tensors.size() - 2].in_group == 0); // the head, 9 columns a channel
    const auto behind =
        plan_network(list_of(R"([{"kind":"conv","channels":4,"kernel":1},{"kind":"flatten"},)"
                             R"({"kind":"norm","over":"batch"},{"kind":"linear","width":7}])"),
                     {2, 3, 3}, 5);
    CHECK(behind.groups == std::vector<int64_t>{7}); // the scale has 36 numbers for 4 channels
    const auto raw = plan_network(
        list_of(R"([{"kind":"residual","layers":[{"kind":"conv","channels":2,"kernel":1}]},)"
                R"({"kind":"flatten"}])"),
        {2, 3, 3}, 5);
    CHECK(raw.groups.empty());
    const auto unlike = plan_network( // 2 channels of 4 numbers each, and 8 units
        list_of(R"([{"kind":"conv","channels":2,"kernel":1},{"kind":"flatten"},)"
                R"({"kind":"residual","layers":[{"kind":"linear","width":8}]}])"),
        {2, 2, 2}, 5);
    CHECK(unlike.groups.empty());
}

TEST_CASE("layer plan: defaults are filled in, in residual lists too, and written only where set") {
    const auto spec = list_of(
        R"([{"kind":"residual","layers":[{"kind":"conv","channels":2,"kernel":3,"padding":1}]},)"
        R"({"kind":"max_pool","kernel":2},{"kind":"norm","over":"group"},{"kind":"flatten"}])");
    nlohmann::json filled = nlohmann::json::array();
    for (const auto& layer : spec.layer) filled.push_back(with_defaults(layer, false));
    CHECK(filled.dump() ==
          R"([{"kind":"residual","layers":[{"bias":false,"channels":2,"groups":1,"kernel":3,)"
          R"("kind":"conv","padding":1,"stride":1}]},{"kernel":2,"kind":"max_pool","padding":0,)"
          R"("stride":2},{"affine":true,"groups":1,"kind":"norm","over":"group"},)"
          R"({"kind":"flatten"}])");
    CHECK(nlohmann::json(spec.layer[1]).dump() == R"({"kernel":2,"kind":"max_pool","padding":0})");
}

TEST_CASE("layer plan: what is too large, too deep or called as another is refused") {
    const auto fault = [](const std::string& layers, const ExampleShape& shape) {
        return fault_of([&] { plan_network(list_of(layers), shape, 2); });
    };
    CHECK(fault(R"([{"kind":"linear","width":65536},{"kind":"linear","width":65536}])", {9}) ==
          "layer 2 (linear) brings the network to 4295622656 parameters; expected 2147483647 at "
          "most");
    CHECK(fault(R"([{"kind":"conv","channels":65536,"kernel":1,"padding":1024}])", {1, 4, 4}) ==
          "layer 1 (conv) gives an image of 65536 x 2052 x 2052; expected 2147483647 numbers at "
          "most");
    CHECK(
        fault(R"([{"kind":"patches","size":1,"width":1,"token":false},)"
              R"({"kind":"attention","heads":1},{"kind":"mean_pool"}])",
              {1, 256, 256}) ==
        "layer 2 (attention) lets each of 65536 tokens attend to all in each of 1 heads; expected "
        "2147483647 pairs at most: use larger patches");
    CHECK(fault(R"([{"kind":"linear","width":3,"name":"head"}])", {9}) ==
          "layer 1 (linear) is called \"head\", which is the layer behind the list; expected "
          "another name");
    CHECK(fault(R"([{"kind":"norm","over":"batch","affine":false,"name":"n"},)"
                R"({"kind":"norm","over":"batch","affine":false,"name":"n"}])",
                {9}) ==
          "layer 2 (norm) is called \"n\", as a layer before it; expected a name of its own");
    std::string nested = R"({"kind":"relu"})";
    for (int k = 0; k < 9; ++k) nested = R"({"kind":"residual","layers":[)" + nested + "]}";
    CHECK(fault("[" + nested + "]", {9}) ==
          "residual layers stand in one another 9 deep; expected 8 at most");
}
