// SPDX-License-Identifier: Apache-2.0
// What the network of a benchmark is made of. A worker says it, since networks live over LibTorch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <benchmarks/spec.hpp>

namespace mneme::cli {

struct NetworkFacts {
    struct Layer {
        std::string name;
        std::vector<std::int64_t> shape;
        std::string start; // init, file, or frozen: a file's values that stay
    };
    std::int64_t parameters = 0; // frozen ones too
    std::vector<Layer> layers;
    std::string fault; // why nothing of this is known; empty: it is
};

// One for each benchmark, in one question. Where no worker answers, all have the fault.
std::vector<NetworkFacts> network_facts(const std::filesystem::path& torch,
                                        const std::vector<bench::Spec>&);

} // namespace mneme::cli
