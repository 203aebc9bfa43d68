// SPDX-License-Identifier: Apache-2.0
#include "protocol/same_data.hpp"

#include <benchmarks/spec_json.hpp>
#include <benchmarks/tasks.hpp>

namespace mneme::protocol {
namespace {

Json sets_of(const Data& data) {
    Json all = Json::array();
    for (const auto& info : bench::datasets_of(data.benchmark.spec))
        all.push_back(bench::json_of(info));
    return all;
}

} // namespace

// All that bench::load_data depends on.
bool same_data(const Data& a, const Data& b) {
    return a.benchmark.payload == b.benchmark.payload && a.folders == b.folders &&
           a.benchmark.spec.stream.normalise == b.benchmark.spec.stream.normalise &&
           sets_of(a) == sets_of(b);
}

} // namespace mneme::protocol
