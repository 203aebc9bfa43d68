// SPDX-License-Identifier: Apache-2.0
// A memory that is walked through: which batches a phase gets, and in which order.
#include "catch.hpp"

#include <mneme/task_memory.hpp>

#include "rows.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

// Rows that say where they are from: pixel 10 t + c in task t, class c. Task 1 has no third class.
TaskData of_task(int64_t t) {
    TaskData s;
    for (int64_t c = 0; c < (t == 1 ? 2 : 3); ++c)
        s.pixels.push_back(static_cast<uint8_t>(10 * t + c)), s.labels.push_back(c);
    return s;
}

struct Walk {
    explicit Walk(int64_t replicas, int64_t tasks = 3)
        : fixture(line(replicas)), memory(fixture.setup(), "line_memory") {
        for (int64_t t = 0; t < tasks; ++t) {
            fixture.begin_task(t);
            fixture.set_examples(t, of_task(t));
            memory.store(fixture.task(t));
        }
        fixture.seek(2, 1, 0xFFFFFFFEu);
    }
    std::vector<std::vector<Rows>> walk(int64_t steps) { // [step][replica]
        std::vector<std::vector<Rows>> out;
        for (int64_t k = 0; k < steps; ++k) out.push_back(rows_of(memory.next()));
        return out;
    }
    SessionFixture fixture;
    TaskMemory memory;
};

Phase phase(int64_t epochs, int64_t steps) {
    return {.name = "line", .epochs = epochs, .batch_size = 1, .samples = 1, .steps = steps};
}

Rows rows_of_task(int64_t t) {
    Rows rows;
    const auto s = of_task(t);
    for (std::size_t k = 0; k < s.labels.size(); ++k)
        rows.insert({static_cast<double>(static_cast<float>(s.pixels[k]) / 255.0f),
                     static_cast<double>(s.labels[k]), static_cast<double>(t)});
    return rows;
}
int64_t task_of(const Rows& rows) { return static_cast<int64_t>(std::get<2>(*rows.begin())); }

} // namespace

TEST_CASE(
    "by_task: an epoch visits every task once, its batch is all of the task's rows, and then none "
    "is left") {
    constexpr int64_t epochs = 6, steps = 5;
    Walk w(4);
    CHECK(w.memory.tasks() == 3);
    CHECK(w.memory.rows(3) == 8);
    CHECK(w.memory.rows(2) == 5);
    w.memory.by_task(phase(epochs, steps), 3);
    const auto met = w.walk(epochs * steps);
    std::set<std::vector<int64_t>> orders;
    for (std::size_t s = 0; s < 4; ++s)
        for (std::size_t e = 0; e < epochs; ++e) {
            std::vector<int64_t> order;
            for (std::size_t k = 0; k < 3; ++k) {
                const auto& rows = met[e * steps + k][s];
                order.push_back(task_of(rows));
                CHECK(rows == rows_of_task(order.back()));
            }
            for (std::size_t k = 3; k < steps; ++k) CHECK(met[e * steps + k][s].empty());
            orders.insert(order);
            CHECK(std::set(order.begin(), order.end()).size() == 3);
        }
    CHECK(orders.size() >=
          4); // of six that there are: epochs and replicas have orders of their own
}

TEST_CASE("by_task: the first tasks alone, and an epoch cut short") {
    Walk w(2);
    w.memory.by_task(phase(1, 2), 2);
    for (const auto& at_step : w.walk(2))
        for (const auto& rows : at_step) CHECK(task_of(rows) < 2);
    w.memory.by_task(phase(2, 1), 3);
    CHECK(w.walk(2).size() == 2);
    CHECK_THROWS(w.memory.next()); // the phase is over
}

TEST_CASE(
    "mixed: a pass visits every row once, and passes follow until the epoch has its batches") {
    constexpr int64_t epochs = 3, steps = 7, batches = 5,
                      size = 3; // 8 rows: a pass has three batches, the last of two rows
    Walk w(3);
    w.memory.mixed(phase(epochs, steps), 3, size, batches);
    const auto met = w.walk(epochs * steps);
    Rows all;
    for (int64_t t = 0; t < 3; ++t)
        for (const auto& row : rows_of_task(t)) all.insert(row);
    for (std::size_t s = 0; s < 3; ++s)
        for (std::size_t e = 0; e < epochs; ++e) {
            const auto part = [&](std::size_t k) -> const Rows& { return met[e * steps + k][s]; };
            const std::vector<std::size_t> wanted{3, 3, 2, 3, 3, 0, 0};
            Rows first, second;
            for (std::size_t k = 0; k < steps; ++k) {
                CHECK(part(k).size() == wanted[k]);
                for (const auto& row : part(k)) (k < 3 ? first : second).insert(row);
            }
            CHECK(first == all);
            CHECK(std::set(second.begin(), second.end()).size() == 6);
        }
    CHECK(met[0][0] != met[steps][0]);
    CHECK(met[0][0] != met[0][1]);
    w.memory.mixed(phase(1, 2), 3, 100,
                   2); // a batch is never larger than the memory, and holds no row twice
    for (const auto& at_step : w.walk(2))
        for (const auto& rows : at_step) CHECK(rows == all);
}

TEST_CASE(
    "the order is fixed by the seed, not by the number of replicas, nor by the steps behind the "
    "last batch") {
    Walk many(3), one(1);
    for (bool mixed : {false, true}) {
        many.fixture.seek(2, 1, 0xFFFFFFFEu), one.fixture.seek(2, 1, 0xFFFFFFFEu);
        const auto lay_out = [&](TaskMemory& m, int64_t steps) {
            if (mixed) m.mixed(phase(2, steps), 3, 2, 4);
            else m.by_task(phase(2, steps), 3);
        };
        lay_out(many.memory, 4), lay_out(one.memory, 6);
        const auto a = many.walk(8), b = one.walk(12);
        for (std::size_t k = 0; k < 8; ++k) CHECK(a[k][0] == b[k < 4 ? k : k + 2][0]);
    }
}
