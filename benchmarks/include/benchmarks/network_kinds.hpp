// SPDX-License-Identifier: Apache-2.0
// The networks that a benchmark can name. Their keys: key_names("network", kind) of keys.hpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <benchmarks/spec.hpp>
#include <benchmarks/tasks.hpp>

namespace mneme::bench {

struct NetworkKind {
    std::string kind, summary;
};

const std::vector<NetworkKind>& network_kinds();

// Whether a layer normalises a batch over maps of a single pixel: a batch of one row is then one
// value a channel.
bool normalises_one_value(const Spec&);
// What does not fit in a list of layers, that of kind "vit" included. Where only the data say how
// large an example is, nothing is said here; the worker finds it before it trains.
std::optional<SpecFault> layer_fault(const Spec&);

} // namespace mneme::bench
