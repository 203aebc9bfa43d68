// SPDX-License-Identifier: Apache-2.0
#include <benchmarks/kinds.hpp>

namespace mneme::bench {

const std::vector<NetworkKind>& network_kinds() {
    static const std::vector<NetworkKind> kinds{
        {"mlp",
         "fully connected layers with ReLU and dropout between them",
         {"hidden", "bias", "init"}},
        {"zenke-cnn",
         "four 3x3 convolutions in two pairs, a layer of 512, dropout of its own",
         {"bias", "init", "padding", "dropout"}},
        {"resnet18",
         "ResNet-18 reduced to nf, 2 nf, 4 nf and 8 nf channels",
         {"bias", "init", "norm", "shortcut_affine", "nf"}},
        {"text-cnn",
         "convolutions over 3, 4 and 5 words, the largest value of each filter",
         {"bias", "init", "filters"}},
    };
    return kinds;
}

} // namespace mneme::bench
