// SPDX-License-Identifier: Apache-2.0
// Which examples a task has, against the documented draws.
#include "../../benchmarks/task_examples.hpp"

#include "catch.hpp"
#include "support.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <benchmarks/random.hpp>

using namespace bench_test;

namespace {

Labels in_turn(int64_t rows) {
    Labels labels;
    for (int64_t i = 0; i < rows; ++i) labels.push_back(uint16_t(i % 10));
    return labels;
}

std::vector<int64_t> range(int64_t first, int64_t end) {
    std::vector<int64_t> rows(std::size_t(end - first));
    std::iota(rows.begin(), rows.end(), first);
    return rows;
}

} // namespace

TEST_CASE("validation examples are the last of each class in the file, and are not trained on") {
    Spec spec = fashion("rotated", 2);
    spec.stream.validation = 0.2;
    const Labels labels = in_turn(100);
    const Rows rows = select_rows(spec, labels, labels, {0, 0, true}, 0, 1);
    CHECK(rows.train == range(0, 80));
    CHECK(rows.test == range(80, 100));
}

TEST_CASE("label noise: call 0 decides for each row of the file, call 1 draws another class") {
    Spec spec = fashion("split", 0);
    spec.stream.classes_per_task = 5;
    spec.stream.label_noise = 0.25;
    const int64_t count = 400, t = 1;
    const Labels labels = in_turn(count);
    const auto rows = select_rows(spec, labels, labels, {}, t, 7).train;
    REQUIRE(rows.size() == 200);
    const PhiloxKey key{7, purpose("mneme/label_noise")};
    std::vector<float> decides(std::size_t(count), 0);
    std::vector<int64_t> draws(std::size_t(count), 0);
    uniform(count, key, {0, 0, uint32_t(t) * 256}, decides.data());
    integers(count, 4, key, {1, 0, uint32_t(t) * 256}, draws.data());
    const Labels noisy = training_labels(spec, labels, rows, t, 7);
    REQUIRE(noisy.size() == rows.size());
    for (std::size_t k = 0; k < rows.size(); ++k) {
        const auto i = std::size_t(rows[k]);
        std::vector<uint16_t> others{5, 6, 7, 8, 9};
        std::erase(others, labels[i]);
        CHECK(noisy[k] == (double(decides[i]) < 0.25 ? others[std::size_t(draws[i])] : labels[i]));
    }
}

TEST_CASE("the order of classes is the documented permutation of the seed") {
    Spec spec = fashion("split", 0);
    spec.stream.class_order.seeded = true;
    for (const int64_t seed : {1, 2}) {
        const auto order = permutation(10, {uint32_t(seed), purpose("mneme/stream")}, {0, 0, 0});
        for (std::size_t t = 0; t < 5; ++t)
            CHECK(task_classes(spec, int64_t(t), seed) ==
                  std::vector<int64_t>{order[2 * t], order[2 * t + 1]});
    }
}

TEST_CASE("imbalance: the documented permutation of the seed says which classes are rare") {
    Spec spec = fashion("rotated", 2);
    spec.stream.imbalance = 8;
    const Labels labels = in_turn(400);
    for (const int64_t seed : {1, 2}) {
        const auto order = permutation(10, {uint32_t(seed), purpose("mneme/imbalance")}, {0, 0, 0});
        std::vector<int64_t> counts(10, 0);
        for (int64_t row : select_rows(spec, labels, labels, {}, 0, seed).train)
            ++counts[labels[std::size_t(row)]];
        for (std::size_t rank = 0; rank < 10; ++rank)
            CHECK(counts[std::size_t(order[rank])] ==
                  int64_t(40 * std::pow(8.0, -double(rank) / 9) + 1e-9));
    }
}
