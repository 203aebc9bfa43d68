// SPDX-License-Identifier: Apache-2.0
// The sequence of a stream that announces no task.
#include "catch.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include <benchmarks/example_stream.hpp>
#include <benchmarks/tasks.hpp>

#include "support.hpp"

using namespace mneme::bench;

namespace {

std::vector<std::vector<int64_t>> three() { // tasks of 400, 100 and 300 examples
    std::vector<std::vector<int64_t>> orders{std::vector<int64_t>(400), std::vector<int64_t>(100),
                                             std::vector<int64_t>(300)};
    for (auto& order : orders) std::iota(order.rbegin(), order.rend(), 0);
    return orders;
}

} // namespace

TEST_CASE("without blur the tasks follow one another, each in its order") {
    const ExampleStream sequence = example_stream(three(), 0, 1);
    std::vector<int64_t> rows;
    for (const auto& order : three()) rows.insert(rows.end(), order.begin(), order.end());
    CHECK(sequence.row == rows);
    CHECK(std::is_sorted(sequence.task.begin(), sequence.task.end()));
    CHECK(std::count(sequence.task.begin(), sequence.task.end(), 1) == 100);
}

TEST_CASE("blur mixes neighbours near their border and loses nobody") {
    for (double blur : {0.1, 0.5, 1.0}) {
        const ExampleStream sequence = example_stream(three(), blur, 5);
        std::set<std::pair<int32_t, int64_t>> seen;
        for (std::size_t i = 0; i < sequence.row.size(); ++i)
            seen.insert({sequence.task[i], sequence.row[i]});
        CHECK(seen.size() == 800);
        CHECK_FALSE(std::is_sorted(sequence.task.begin(), sequence.task.end()));
        // Half the blur of a task of 400 on one side of the border, of one of 100 on the other.
        const auto first =
            std::find(sequence.task.begin(), sequence.task.end(), 1) - sequence.task.begin();
        const auto last =
            sequence.task.rend() - std::find(sequence.task.rbegin(), sequence.task.rend(), 0);
        CHECK(double(first) >= 400 - 250 * blur);
        CHECK(double(last) <= 400 + 250 * blur);
        CHECK(first < 400);
        CHECK(last > 400);
        CHECK(example_stream(three(), blur, 5).row == sequence.row);
        CHECK(example_stream(three(), blur, 6).row != sequence.row);
    }
}

TEST_CASE("what hidden boundaries go with") {
    auto spec = bench_test::clusters();
    spec.stream.blur = 0.2;
    CHECK(bench_test::fault_in(spec) ==
          "stream.blur: blur is 0.2 and the tasks are announced; expected boundaries = \"hidden\"");
    spec.stream.boundaries = "hidden";
    CHECK(bench_test::fault_in(spec) == "");
    spec.scenario.kind = "task";
    CHECK(bench_test::fault_in(spec) ==
          "scenario.kind: scenario is \"task\" and the stream hides its tasks; expected \"domain\" "
          "or \"class\"");
    spec.scenario.kind = "class";
    spec.train.epochs = 3;
    CHECK(bench_test::fault_in(spec) ==
          "train.epochs: epochs is 3 and the stream shows each example once; expected 1");
    spec.stream.boundaries = "secret";
    CHECK(bench_test::fault_in(spec) ==
          "stream.boundaries: boundaries is \"secret\"; expected one of announced, hidden");
}
