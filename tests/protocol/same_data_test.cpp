// SPDX-License-Identifier: Apache-2.0
#include "protocol/same_data.hpp"

#include "catch.hpp"

using namespace mneme;

namespace {

protocol::Data pictures() {
    protocol::Data data;
    data.benchmark.spec.stream.kind = "split";
    data.benchmark.spec.stream.dataset = "a";
    for (const char* name : {"a", "b"}) {
        bench::DatasetInfo info;
        info.name = name;
        info.classes = 4;
        data.benchmark.spec.datasets.push_back(info);
    }
    data.benchmark.payload = "123";
    data.folders = {"/data"};
    return data;
}

} // namespace

TEST_CASE("benchmarks that differ in all but their data read the same") {
    protocol::Data other = pictures();
    other.benchmark.spec.name = "other";
    other.benchmark.spec.stream.kind = "rotated";
    other.benchmark.spec.network.kind = "linear";
    other.benchmark.digest = "4";
    other.most_train = 10;
    other.benchmark.spec.datasets[1].classes = 9; // of a set that the stream does not name
    CHECK(protocol::same_data(pictures(), other));
}

TEST_CASE("another payload, folder, set, description or normalisation is other data") {
    const auto differs = [](auto change) {
        protocol::Data other = pictures();
        change(other);
        return !protocol::same_data(pictures(), other);
    };
    CHECK(differs([](auto& data) { data.benchmark.payload = "124"; }));
    CHECK(differs([](auto& data) { data.folders = {"/mine", "/data"}; }));
    CHECK(differs([](auto& data) { data.benchmark.spec.stream.dataset = "b"; }));
    CHECK(differs([](auto& data) { data.benchmark.spec.datasets[0].channels_last = true; }));
    CHECK(differs([](auto& data) { data.benchmark.spec.stream.normalise = "dataset"; }));
}
