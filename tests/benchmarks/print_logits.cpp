// SPDX-License-Identifier: Apache-2.0
// Prints the logits of a network that starts from given weights, for torch_twins.py, a row a line:
// print_logits NETWORK.json INPUTS.f32. The JSON has the keys of [network], and beside them
// "shape", of an example, and "classes".
#include <cstdio>

#include <ATen/ATen.h>

#include <base/regular_file.hpp>
#include <base/sha256.hpp>
#include <benchmarks/network.hpp>
#include <benchmarks/spec_json.hpp>

using namespace mneme::bench;

int main(int, char** arguments) {
    const auto json =
        nlohmann::json::parse(mneme::base::read_file(arguments[1], uint64_t{1} << 24));
    Spec spec;
    for (const Key& key : keys())
        if (key.table == "network" && json.contains(key.name)) set_value(key, spec, json[key.name]);
    spec.network.weights_sha256 = mneme::base::file_sha256(spec.network.weights);
    const auto shape = json.at("shape").get<std::vector<int64_t>>();
    const auto network = make_network(spec.network, shape, json.at("classes"));

    std::string bytes = mneme::base::read_file(arguments[2], uint64_t{1} << 30);
    const auto x = at::from_blob(
        bytes.data(),
        {int64_t(bytes.size() / sizeof(float)) / network->inputs(), network->inputs()}, at::kFloat);
    const Weights weights{network->initial(1).unsqueeze(0), network->initial_stats().unsqueeze(0)};
    const auto logits = network->logits(weights, x, Mode::eval, {})[0].contiguous();
    for (int64_t row = 0; row < logits.size(0); ++row)
        for (int64_t c = 0; c < logits.size(1); ++c)
            std::printf("%.9g%c", double(logits.data_ptr<float>()[row * logits.size(1) + c]),
                        c + 1 < logits.size(1) ? ' ' : '\n');
}
