// SPDX-License-Identifier: Apache-2.0
// The weights of a network as a results file keeps them: real entries alone, tensor after tensor,
// those of frozen layers among them.
#pragma once

#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <benchmarks/network.hpp>

namespace mneme::harness {

// The attribute network_layers of results_schema/schema.md.
std::string network_layers(const bench::Network&);

// Rows of theta or stats [S, columns] without padding, float32 on the CPU, and back.
at::Tensor without_padding(const std::vector<bench::Layer>&, const at::Tensor& rows);
at::Tensor with_padding(const std::vector<bench::Layer>&, int64_t columns,
                        const at::Tensor& packed);

int64_t entries(const std::vector<bench::Layer>&); // real ones

} // namespace mneme::harness
