// SPDX-License-Identifier: Apache-2.0
// [[network.layer]] of a benchmark file: what it means, and what is refused, with its line.
#include "catch.hpp"
#include "support.hpp"

using namespace plan_test;
using namespace mneme::harness;

namespace {

const std::string numbers =
    "[stream]\nkind = \"synthetic\"\ntasks = 3\nclasses_per_task = 2\nfeatures = 6\nseparation = "
    "3.0\ntrain_examples = 60\ntest_examples = 30\n"; // 8 lines
const std::string images =
    "[stream]\nkind = \"split\"\ndataset = \"fashion-mnist\"\nclasses_per_task = 2\n\n\n\n\n";

mneme::bench::Spec load(const Folder& folder, const std::string& text) {
    return load_benchmark(folder.write("x.toml", text).string(), {});
}
std::string fault(const std::string& text) {
    const Folder folder;
    return folder.shorten(fault_of([&] { load(folder, text); }));
}
// Of images, with these layers from line 11 on: one a line.
std::string of(const std::string& layers, const std::string& stream = images) {
    return fault(stream + "[network]\nkind = \"layers\"\nlayer = [\n" + layers + "]\n");
}

} // namespace

TEST_CASE("layers of a file: read, with residual lists, and written so that they read back") {
    const Folder folder;
    const auto spec = load(folder, images + R"([network]
kind = "layers"
[[network.layer]]
kind = "conv"
name = "stem"
channels = 8
kernel = 3
padding = 1
bias = false
[[network.layer]]
kind = "residual"
layers = [
    {kind = "norm", over = "batch"}, {kind = "relu"},
    {kind = "conv", channels = 16, kernel = 3, stride = 2, padding = 1},
]
shortcut = [{kind = "conv", channels = 16, kernel = 1, stride = 2}]
[[network.layer]]
kind = "dropout"
rate = 0.25
[[network.layer]]
kind = "mean_pool"
[[network.layer]]
kind = "flatten"
)");
    REQUIRE(spec.network.layer.size() == 5);
    CHECK(spec.network.layer[0].bias == false);
    CHECK(spec.network.layer[1].layers.at(2).stride == 2);
    CHECK(spec.network.layer[1].shortcut.at(0).channels == 16);
    CHECK(spec.network.layer[2].rate == 0.25);
    const auto again = load(folder, to_toml(spec));
    CHECK(effective_keys(again) == effective_keys(spec));
    CHECK(benchmark_digest(again, "p") == benchmark_digest(spec, "p"));
    auto other = spec;
    other.network.layer[1].layers[2].padding = 0;
    CHECK(benchmark_digest(other, "p") != benchmark_digest(spec, "p"));
}

TEST_CASE("layers of a file: twenty mistakes, each one sentence with its line") {
    const std::string conv = "{kind = \"conv\", channels = 4, kernel = 3},\n",
                      flat =
                          "{kind = "
                          "\"flatten\"},\n";
    CHECK(fault(images + "[network]\nkind = \"cnn\"\n") ==
          "65 x.toml:10:8: unknown network kind \"cnn\"; known are mlp, zenke-cnn, resnet18, "
          "text-cnn, linear, vit, layers");
    CHECK(fault(images + "[network]\nkind = \"layers\"\n") ==
          "65 x.toml:10:8: kind is \"layers\" and no layer is given; expected [[network.layer]] "
          "tables, the first with kind = \"flatten\", \"conv\" or \"patches\"");
    CHECK(fault(images + "[network]\nkind = \"layers\"\n[network.layer]\nkind = \"relu\"\n") ==
          "65 x.toml:11:1: layer is a table; expected a list of layers, each [[network.layer]]");
    CHECK(fault(images + "[network]\nhidden = [8]\n[[network.layer]]\nkind = \"relu\"\n") ==
          "65 x.toml:11:11: layer is not a key of network mlp; its keys are kind, hidden, bias, "
          "init, weights, weights_sha256, names, unused, frozen");
    CHECK(of("3,\n") ==
          "65 x.toml:12:1: layer holds an integer; expected layers, each a table "
          "with a kind");
    CHECK(of("{width = 3},\n") ==
          "65 x.toml:12:1: the layer has no kind; expected kind = one of conv, linear, norm, relu, "
          "gelu, tanh, max_pool, mean_pool, flatten, dropout, residual, patches, attention, "
          "first_token");
    CHECK(of("{kind = \"conv2d\"},\n") ==
          "65 x.toml:12:9: unknown kind of layer \"conv2d\"; the nearest known one is \"conv\"");
    CHECK(of("{kind = \"conv\", kernel = 3},\n") ==
          "65 x.toml:12:1: the conv layer has no channels; expected channels = an integer, 1 to "
          "65536");
    CHECK(of("{kind = \"relu\", width = 3},\n") ==
          "65 x.toml:12:17: width is not a key of a relu layer; its keys are kind, name");
    CHECK(of("{kind = \"conv\", channels = 0, kernel = 3},\n") ==
          "65 x.toml:12:28: channels is 0; expected 1 to 65536");
    CHECK(of("{kind = \"dropout\", rate = 1.0},\n") ==
          "65 x.toml:12:27: rate is 1; expected 0 to 0.99");
    CHECK(of("{kind = \"linear\", width = 8},\n") ==
          "65 x.toml:12:9: layer 1 (linear) is given an image of 1 x 28 x 28; expected a vector or "
          "tokens: put flatten or mean_pool before it");
    CHECK(of(flat + conv) ==
          "65 x.toml:13:9: layer 2 (conv) is given a vector of 784 numbers; expected an image: put "
          "it before flatten");
    CHECK(of(conv) ==
          "65 x.toml:11:9: the last layer gives an image of 4 x 26 x 26, and the head takes a "
          "vector; end the list with flatten, mean_pool or first_token");
    CHECK(of("{kind = \"max_pool\", kernel = 29},\n") ==
          "65 x.toml:12:30: layer 1 (max_pool) has a window of 29 over an image of 1 x 28 x 28 "
          "with padding 0; expected 28 at most");
    CHECK(of(conv + "{kind = \"conv\", channels = 6, kernel = 3, groups = 4},\n") ==
          "65 x.toml:13:52: layer 2 (conv) has 4 groups for 4 channels that come in and 6 that go "
          "out; expected a divisor of both");
    CHECK(of("{kind = \"residual\", layers = [\n" + conv + "]},\n") ==
          "65 x.toml:12:9: layer 1 (residual) adds an image of 4 x 26 x 26 to an image of 1 x 28 x "
          "28; expected equal shapes: give it a shortcut that makes them so");
    CHECK(of("{kind = \"patches\", size = 5, width = 8},\n") ==
          "65 x.toml:12:27: layer 1 (patches) has patches of 5 x 5 and is given an image of 1 x 28 "
          "x 28; expected a divisor of its rows and columns");
    CHECK(of("{kind = \"patches\", size = 7, width = 8},\n{kind = \"attention\", heads = 3},\n") ==
          "65 x.toml:13:30: layer 2 (attention) has 3 heads and is given 17 tokens of 8 numbers; "
          "expected a divisor of 8");
    CHECK(of(flat + "{kind = \"attention\", heads = 2},\n") ==
          "65 x.toml:13:9: layer 2 (attention) is given a vector of 784 numbers; expected tokens: "
          "put patches before it");
    CHECK(of("{kind = \"norm\", over = \"layer\"},\n") ==
          "65 x.toml:12:24: layer 1 (norm) is over \"layer\" and given an image of 1 x 28 x 28; "
          "expected over = \"group\" with groups = 1, or flatten before it");
    CHECK(of("{kind = \"linear\", width = 8, name = \"a\"},\n{kind = \"linear\", width = 8, name "
             "= \"a\"},\n",
             numbers) ==
          "65 x.toml:13:37: layer 2 (linear) is called \"a\", as a layer before it; expected a "
          "name of its own");
    CHECK(
        fault(images + "[network]\nkind = \"vit\"\npatch = 5\n") ==
        "65 x.toml:11:9: layer 1 (patches) has patches of 5 x 5 and is given an image of 1 x 28 x "
        "28; expected a divisor of its rows and columns");
}
