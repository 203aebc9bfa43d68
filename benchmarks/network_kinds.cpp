// SPDX-License-Identifier: Apache-2.0
#include <benchmarks/network_kinds.hpp>

#include <benchmarks/tasks.hpp>

namespace mneme::bench {

const std::vector<NetworkKind>& network_kinds() {
    static const std::vector<NetworkKind> kinds{
        {NetworkName::mlp, "fully connected layers with ReLU and dropout between them"},
        {NetworkName::zenke_cnn,
         "four 3x3 convolutions in two pairs, a layer of 512, dropout of its own"},
        {NetworkName::resnet18, "ResNet-18 reduced to nf, 2 nf, 4 nf and 8 nf channels"},
        {NetworkName::text_cnn,
         "convolutions over 3, 4 and 5 words, the largest value of each filter"},
    };
    return kinds;
}

bool normalises_one_value(const Spec& spec) {
    const std::string& norm = spec.network.norm;
    const bool over_batch =
        norm == NormKind::batch || norm == NormKind::batch_stats || norm == NormKind::batch_frozen;
    const auto shape = input_shape(spec);
    if (spec.network.kind != NetworkName::resnet18 || !over_batch || shape.size() != 3)
        return false;
    int64_t rows = shape[1], columns = shape[2];
    for (int stage = 1; stage < 4; ++stage) { // each of stride 2 (resnet.cpp)
        rows = (rows - 1) / 2 + 1;
        columns = (columns - 1) / 2 + 1;
    }
    return rows * columns == 1;
}

} // namespace mneme::bench
