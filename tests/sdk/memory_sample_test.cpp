// SPDX-License-Identifier: Apache-2.0
// Replay memory: what is drawn from it, and batches joined.
#include "catch.hpp"

#include "rows.hpp"

using namespace mneme;
using namespace mneme::test;

TEST_CASE(
    "a memory batch is drawn without replacement, evenly, and is the whole memory where that is "
    "small") {
    constexpr int64_t replicas = 50, stored = 12;
    SessionFixture fixture(line(replicas));
    ReplayMemory memory(fixture.setup({{"memory_per_class", 4}, {"memory_batch", 5}}), {"ring"},
                        10);
    fixture.set_examples(0, make_task_data(3, 1, {0, 1, 2}, 1));
    memory.start(fixture.task(0));
    memory.add(passing(replicas, 0, {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2}, 0));
    memory.finish(fixture.task(0));
    std::vector<double> drawn(stored);
    constexpr uint32_t steps = 40;
    std::vector<Rows> before;
    for (uint32_t k = 0; k < steps; ++k) {
        fixture.seek(1, 0, k);
        const auto held = rows_of(memory.sample());
        for (const auto& rows : held) {
            CHECK((rows.size() == 5 && std::set(rows.begin(), rows.end()).size() == 5));
            for (const auto& [x, y, task] : rows) ++drawn[static_cast<std::size_t>(x)];
        }
        CHECK(held != before);
        before = held;
    }
    const double p = 5.0 / stored, expected = replicas * steps * p;
    double sum = 0;
    for (double k : drawn) sum += (k - expected) * (k - expected) / (expected * (1 - p));
    sum *= double(stored - 1) / stored;
    CHECK(sum < 31.3); // 0.999 of chi-square with 11
    CHECK(sum > 1.5);

    for (int64_t ask : {12, 13, 500}) {
        SessionFixture own(line(2));
        ReplayMemory all(own.setup({{"memory_per_class", 4}, {"memory_batch", ask}}), {"ring"}, 10);
        own.set_examples(0, make_task_data(3, 1, {0, 1, 2}, 1));
        all.start(own.task(0));
        all.add(passing(2, 0, {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2}, 0));
        all.finish(own.task(0));
        const auto held = all.sample();
        CHECK(held.rows() == stored);
        for (const auto& rows : rows_of(held))
            CHECK(std::set(rows.begin(), rows.end()).size() == stored);
    }
}

TEST_CASE("one x for all replicas is stored as each replica's own") {
    SessionFixture fixture(line(3));
    ReplayMemory memory(fixture.setup({{"memory_per_class", 1}}), {"ring"}, 10);
    fixture.set_examples(0, make_task_data(3, 1, {0, 1, 2}, 1));
    memory.start(fixture.task(0));
    auto shared = passing(3, 5, {0, 1, 2}, 0);
    shared.x = shared.x.select(0, 0).unsqueeze(0).expand(shared.x.shape());
    memory.add(shared);
    memory.finish(fixture.task(0));
    for (const auto& rows : rows_of(memory.sample()))
        CHECK(rows == Rows{{5, 0, 0}, {6, 1, 0}, {7, 2, 0}});
}

TEST_CASE("joined batches keep their rows in order, whether or not x is shared") {
    SessionFixture fixture(line(2));
    const auto own = passing(2, 0, {0, 1}, 1), memory = passing(2, 10, {2, 2, 2}, 0, {1, 0, 1});
    auto shared = own;
    shared.x = own.x.select(0, 1).unsqueeze(0).expand(own.x.shape()); // as the harness lends it
    for (const auto& first : {own, shared}) {
        const auto joined = concat(first, memory);
        CHECK(joined.x.shape() == std::vector<int64_t>{2, 5, 1});
        CHECK(joined.x.to_vector() == std::vector<double>{0, 1, 10, 11, 12, 0, 1, 10, 11, 12});
        CHECK(joined.y.to_vector() == std::vector<double>{0, 1, 2, 2, 2, 0, 1, 2, 2, 2});
        CHECK(joined.task.to_vector() == std::vector<double>{1, 1, 0, 0, 0, 1, 1, 0, 0, 0});
        CHECK(joined.weight.to_vector() == std::vector<double>{1, 1, 1, 0, 1, 1, 1, 1, 0, 1});
        CHECK(joined.current == 2);
        CHECK(joined.rows() == 5);
    }
}

TEST_CASE("options that a memory does not have are not declared") {
    SessionFixture fixture(line(1));
    CHECK(
        refusal([&] {
            ReplayMemory(fixture.setup({{"policy", "reservoir"}}), {"ring", "class_balanced"}, 10);
        }) == "suite: policy = \"reservoir\" is not a choice; use one of ring, class_balanced");
    CHECK(refusal([&] {
              ReplayMemory(fixture.setup({{"memory_batch", 0}}), {"ring"}, 10);
          }) == "suite: memory_batch = 0 is out of bounds; expected memory_batch >= 1");
}
