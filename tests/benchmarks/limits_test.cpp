// SPDX-License-Identifier: Apache-2.0
// Limits: the first rows in file order; of rows that are sorted by class, each class's share.
#include "../../benchmarks/task_examples.hpp"

#include "catch.hpp"
#include "support.hpp"

#include <algorithm>
#include <map>

using namespace bench_test;

namespace {

// A spec whose every task has all classes of fashion-mnist's ten.
Spec all_classes() { return fashion("rotated", 2); }

Labels sorted(const std::vector<int>& counts) {
    Labels labels;
    for (std::size_t c = 0; c < counts.size(); ++c)
        labels.insert(labels.end(), std::size_t(counts[c]), uint16_t(c));
    return labels;
}

std::map<int, int> kept(const Labels& labels, int64_t limit, const Spec& spec = all_classes()) {
    std::map<int, int> counts;
    for (int64_t row : select_rows(spec, labels, labels, {limit, 0, false}, 0, 1).train)
        ++counts[labels[std::size_t(row)]];
    return counts;
}

} // namespace

TEST_CASE("limits of rows that are sorted by class: every class keeps its share") {
    const auto even = kept(sorted(std::vector<int>(10, 100)), 50);
    CHECK(even.size() == 10);
    for (const auto& [label, count] : even) CHECK(count == 5);
    const auto uneven = kept(sorted({1000, 100, 10, 10, 10, 10, 10, 10, 10, 10}), 100);
    CHECK(uneven.size() == 10);
    CHECK(uneven.at(0) > 75);
    CHECK(uneven.at(2) == 1);
    int sum = 0;
    for (const auto& [label, count] : uneven) sum += count;
    CHECK(sum == 100);
    std::vector<int> with_rare(9, 1000);
    with_rare.push_back(1); // its share is 0.01 examples
    const auto rare = kept(sorted(with_rare), 90);
    CHECK(rare.size() == 10);
    for (const auto& [label, count] : rare) // one of the others makes room for it
        CHECK((label == 9 ? count == 1 : count == 10 || count == 9));
}

TEST_CASE("limits: the first of each class, in file order; the test split likewise") {
    const Labels labels = sorted(std::vector<int>(10, 4));
    const Rows rows = select_rows(all_classes(), labels, labels, {20, 10, false}, 0, 1);
    CHECK(std::is_sorted(rows.train.begin(), rows.train.end()));
    CHECK(std::vector<int64_t>(rows.train.begin(), rows.train.begin() + 4) ==
          std::vector<int64_t>{0, 1, 4, 5});
    CHECK(rows.test.size() == 10);
    for (std::size_t i = 0; i < 10; ++i) CHECK(rows.test[i] == int64_t(4 * i));
}

TEST_CASE("limits: classes in pieces, in another order, or in blocks are sorted, too") {
    Labels reversed = sorted(std::vector<int>(10, 30)), twice = reversed;
    std::reverse(reversed.begin(), reversed.end());
    CHECK(kept(reversed, 30).size() == 10);
    twice.insert(twice.end(), reversed.begin(), reversed.end());
    CHECK(kept(twice, 30).size() == 10);
    Labels blocks;
    for (int repeat = 0; repeat < 10; ++repeat)
        for (int c = 0; c < 10; ++c) blocks.insert(blocks.end(), 5, uint16_t(c));
    CHECK(kept(blocks, 20).size() == 10);
}

TEST_CASE("limits of rows in another order: the first in the file, whatever classes they have") {
    Labels labels;
    uint64_t state = 1;
    for (int i = 0; i < 1000; ++i) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        labels.push_back(uint16_t((state >> 33) % 10));
    }
    const auto rows = select_rows(all_classes(), labels, labels, {15, 15, false}, 0, 1);
    for (std::size_t i = 0; i < 15; ++i) CHECK(rows.train[i] == int64_t(i));
    Labels turns;
    for (int i = 0; i < 100; ++i) turns.push_back(uint16_t(i % 10));
    CHECK(kept(turns, 7).size() == 7);
}

TEST_CASE("limits below the number of sorted classes are refused") {
    const Labels labels = sorted(std::vector<int>(10, 30));
    CHECK(fault_of([&] { kept(labels, 9); }) ==
          "benchmark test, task 1: the limit is 9 examples of 10 classes, and the data are sorted "
          "by class; use a limit of 10 or more");
    CHECK(kept(labels, 10).size() == 10);
}

TEST_CASE("a task that is left without validation examples is refused") {
    Spec spec = all_classes();
    spec.stream.validation = 0.01;
    const Labels labels = sorted(std::vector<int>(10, 30));
    CHECK(fault_of([&] {
              select_rows(spec, labels, labels, {0, 0, true}, 0, 1);
          }) == "benchmark test, task 1: no validation example is left; expected at least one");
}

TEST_CASE("the label of each class of the data set, by seed") {
    Spec spec = fashion("split", 0);
    spec.scenario.kind = "class";
    CHECK(class_map(spec, 1) == std::vector<int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    spec.stream.class_order.seeded = true;
    const auto one = class_map(spec, 1), two = class_map(spec, 2);
    CHECK(one != two);
    for (int64_t t = 0; t < 5; ++t) { // the classes that a task has, by their labels
        const auto classes = task_classes(spec, t, 2);
        CHECK(two[std::size_t(classes[0])] == 2 * t);
        CHECK(two[std::size_t(classes[1])] == 2 * t + 1);
    }
    spec.stream.tasks = 2;
    CHECK([&] {
        const auto map = class_map(spec, 1);
        return std::count(map.begin(), map.end(), -1);
    }() == 6);
}
