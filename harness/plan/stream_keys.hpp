// SPDX-License-Identifier: Apache-2.0
// Which keys of [stream] and [network] count for which kind.
#pragma once

#include <string>
#include <vector>

#include <benchmarks/spec.hpp>

namespace mneme::harness {

const std::vector<std::string>& stream_kinds();
const std::vector<std::string>& all_stream_keys();
std::vector<std::string> stream_keys(const std::string& kind); // empty for an unknown kind

std::vector<std::string> network_names(); // the kinds
const std::vector<std::string>& all_network_keys();
std::vector<std::string> network_keys(const std::string& kind); // empty for an unknown kind

} // namespace mneme::harness
