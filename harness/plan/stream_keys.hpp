// SPDX-License-Identifier: Apache-2.0
// Which keys of [stream] count for which kind of stream.
#pragma once

#include <string>
#include <vector>

#include <benchmarks/spec.hpp>

namespace mneme::harness {

const std::vector<std::string>& stream_kinds();
const std::vector<std::string>& all_stream_keys();
std::vector<std::string> stream_keys(const std::string& kind); // empty for an unknown kind

} // namespace mneme::harness
