// SPDX-License-Identifier: Apache-2.0
// The networks that a benchmark can name, and which keys of [network] count for each.
#pragma once

#include <string>
#include <vector>

namespace mneme::bench {

struct NetworkKind {
    std::string kind, summary;
    std::vector<std::string> keys; // `kind` itself is not among them
};

const std::vector<NetworkKind>& network_kinds();

} // namespace mneme::bench
