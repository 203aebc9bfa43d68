// SPDX-License-Identifier: Apache-2.0
// Replay memory: which rows each policy keeps.
#include "catch.hpp"

#include <deque>

#include <benchmarks/random.hpp>

#include "rows.hpp"

using namespace mneme;
using namespace mneme::test;

TEST_CASE("the ring holds the last m of each class of each task") {
    for (int64_t m : {1, 2, 3, 5}) {
        INFO("m = " << m);
        SessionFixture fixture(line(2));
        ReplayMemory memory(fixture.setup({{"memory_per_class", m}, {"memory_batch", 1000}}),
                            {"ring"}, 10);
        Rows wanted;
        int64_t next = 0;
        for (int64_t t = 0; t < 3; ++t) {
            fixture.begin_task(t);
            fixture.set_examples(t, make_task_data(3, 1, {0, 1, 2}, 1));
            memory.start(fixture.task(t));
            std::vector<std::deque<double>> last(3);
            const auto labels = numbers(70, static_cast<uint32_t>(7 + t));
            for (uint32_t k = 0, from = 0; from < 70; from += k % 11 + 1,
                          ++k) { // batches of 1 to 11 rows: several of one class, often more than m
                std::vector<int64_t> y;
                std::vector<double> weight;
                for (uint32_t j = from; j < std::min(70u, from + k % 11 + 1); ++j) {
                    y.push_back(labels[j] < -0.4 ? 0 : labels[j] < 0.8 ? 1 : 2);
                    weight.push_back(j % 6 == 5 ? 0 : 1); // a row of weight 0 is none
                    if (weight.back() == 0) continue;
                    auto& of = last[static_cast<std::size_t>(y.back())];
                    of.push_back(static_cast<double>(next + static_cast<int64_t>(y.size()) - 1));
                    if (static_cast<int64_t>(of.size()) > m) of.pop_front();
                }
                fixture.seek(t, 0, k);
                memory.add(passing(2, next, y, t, weight));
                next += static_cast<int64_t>(y.size());
                if (t == 0) CHECK(memory.empty()); // only earlier tasks are drawn from
                else CHECK(memory.slots() == 3 * m * t);
            }
            memory.finish(fixture.task(t));
            for (std::size_t c = 0; c < 3; ++c)
                for (double x : last[c])
                    wanted.insert({x, static_cast<double>(c), static_cast<double>(t)});
            const auto held = memory.sample();
            CHECK(held.rows() == 3 * m * (t + 1));
            for (const auto& rows : rows_of(held)) CHECK(rows == wanted);
        }
    }
}

TEST_CASE("the ring draws no empty slot where a class had fewer") {
    SessionFixture fixture(line(1));
    ReplayMemory memory(fixture.setup({{"memory_per_class", 2}}), {"ring"}, 10);
    fixture.set_examples(0, make_task_data(3, 1, {0, 1, 2}, 1));
    memory.start(fixture.task(0));
    memory.add(passing(1, 1, {0, 1, 0, 0}, 0));
    memory.finish(fixture.task(0));
    CHECK(memory.slots() == 3);
    CHECK(memory.sample().rows() == 3);
    CHECK(rows_of(memory.sample())[0] == Rows{{3, 0, 0}, {4, 0, 0}, {2, 1, 0}});
}

TEST_CASE("the reservoir keeps what algorithm R keeps, row by row") {
    constexpr int64_t replicas = 5, capacity = 3;
    SessionFixture fixture(line(replicas));
    ReplayMemory memory(fixture.setup({{"memory", capacity}, {"memory_batch", 100}}), {"reservoir"},
                        10);
    fixture.set_examples(0, make_task_data(3, 1, {0, 1, 2}, 1));
    memory.start(fixture.task(0));
    std::vector<std::vector<double>> slots(replicas);
    std::vector<int64_t> seen(replicas);
    int64_t next = 0;
    for (uint32_t k = 0; k < 12; ++k) {
        std::vector<int64_t> labels(k % 5 + 1, 1);
        std::vector<double> weight(labels.size(), 1);
        if (k % 3 == 2) weight[0] = 0;
        fixture.seek(0, 0, k);
        memory.add(passing(replicas, next, labels, 0, weight));
        for (std::size_t s = 0; s < replicas;
             ++s) { // one row at a time: the later one takes a slot that two want
            std::vector<int64_t> draw(labels.size());
            bench::integers(static_cast<int64_t>(draw.size()), 1u << 31,
                            {static_cast<uint32_t>(s + 1), bench::purpose("plugin/memory_write")},
                            {0, k, 0}, draw.data());
            for (std::size_t j = 0; j < labels.size(); ++j) {
                if (weight[j] == 0) continue;
                const double x = static_cast<double>(next) + static_cast<double>(j);
                const int64_t place =
                    seen[s] < capacity ? seen[s] : (draw[j] * (seen[s] + 1)) >> 31;
                ++seen[s];
                if (place >= capacity) continue;
                if (place == static_cast<int64_t>(slots[s].size())) slots[s].push_back(x);
                else slots[s][static_cast<std::size_t>(place)] = x;
            }
        }
        next += static_cast<int64_t>(labels.size());
        fixture.seek(0, 0, 100 + k);
        const auto held = rows_of(memory.sample());
        for (std::size_t s = 0; s < replicas; ++s) {
            Rows wanted;
            for (double x : slots[s]) wanted.insert({x, 1, 0});
            CHECK(held[s] == wanted);
        }
    }
    CHECK(memory.slots() == capacity);
}

TEST_CASE("the reservoir keeps every row with probability M / N") {
    constexpr int64_t replicas = 2000, capacity = 4, n = 20;
    SessionFixture fixture(line(replicas));
    ReplayMemory memory(fixture.setup({{"memory", capacity}, {"memory_batch", capacity}}),
                        {"reservoir"}, 10);
    fixture.set_examples(0, make_task_data(3, 1, {0, 1, 2}, 1));
    memory.start(fixture.task(0));
    for (int64_t first = 0, k = 0; first < n; first += 3, ++k) {
        fixture.seek(0, 0, static_cast<uint32_t>(k));
        memory.add(passing(
            replicas, first,
            std::vector<int64_t>(static_cast<std::size_t>(std::min<int64_t>(3, n - first))), 0));
    }
    std::vector<double> kept(n);
    const auto held = rows_of(memory.sample());
    for (const auto& rows : held) {
        CHECK(rows.size() == capacity);
        for (const auto& [x, y, task] : rows) ++kept[static_cast<std::size_t>(x)];
    }
    const double p = double(capacity) / n, expected = replicas * p;
    double sum = 0;
    for (double k : kept) sum += (k - expected) * (k - expected) / (expected * (1 - p));
    sum *= double(n - 1) / n; // a run keeps exactly M: n - 1 degrees of freedom
    CHECK(sum < 43.8);        // 0.999 of chi-square with 19
    CHECK(sum > 4.9);         // 0.001: not more even than chance
}

TEST_CASE("of rows that want one slot the last gets it; an empty row gets none") {
    SessionFixture fixture(line(1));
    fixture.set_examples(0, make_task_data(3, 1, {0, 1, 2}, 1));
    ReplayMemory ring(fixture.setup({{"memory_per_class", 2}}), {"ring"}, 10);
    ring.start(fixture.task(0));
    ring.add(passing(1, 5, {0, 0, 0, 1}, 0)); // 5, 6 and 7 for two slots
    CHECK(kept(ring, "~ring.x") == std::vector<double>{7, 6, 8, 0, 0, 0});
    ring.add(passing(1, 20, {0, 1}, 0, {1, 0}));
    CHECK(kept(ring, "~ring.x") == std::vector<double>{7, 20, 8, 0, 0, 0});
    CHECK(kept(ring, "~slots.seen") == std::vector<double>{4, 1, 0});
    CHECK(kept(ring, "~ring.weight") == std::vector<double>{1, 1, 1, 0, 0, 0});

    constexpr int64_t replicas = 40;
    SessionFixture other(line(replicas));
    other.set_examples(0, make_task_data(3, 1, {0, 1, 2}, 1));
    ReplayMemory reservoir(other.setup({{"memory", 1}}), {"reservoir"}, 10);
    reservoir.start(other.task(0));
    other.seek(0, 0, 0);
    reservoir.add(passing(replicas, 1, {0, 0, 0}, 0));
    const auto x = kept(reservoir, "store.x"); // [S, 1]
    int64_t contested = 0;
    for (std::size_t s = 0; s < replicas; ++s) {
        int64_t draw[3];
        bench::integers(3, 1u << 31,
                        {static_cast<uint32_t>(s + 1), bench::purpose("plugin/memory_write")},
                        {0, 0, 0}, draw);
        int64_t last = 0;
        for (int64_t j : {1, 2})
            if ((draw[j] * (j + 1)) >> 31 == 0) last = j;
        CHECK(x[s] == double(1 + last));
        contested += last == 2 && (draw[1] * 2) >> 31 == 0;
    }
    CHECK(contested > 0);
}

TEST_CASE("the reservoir may be drawn from at once; an empty slot weighs nothing") {
    SessionFixture fixture(line(3));
    ReplayMemory memory(fixture.setup({{"memory", 10}, {"memory_batch", 4}}), {"reservoir"}, 10);
    fixture.set_examples(0, make_task_data(3, 1, {0, 1, 2}, 1));
    memory.start(fixture.task(0));
    CHECK_FALSE(
        memory.empty()); // it has its slots before the first step, so that every step is alike
    CHECK(memory.sample().weight.sum(1).to_vector() == std::vector<double>(3, 0));
    memory.add(passing(3, 1, {2, 1}, 0));
    const auto drawn = memory.sample();
    CHECK(drawn.rows() == 4);
    CHECK(drawn.current == 0);
    for (const auto& rows : rows_of(drawn)) CHECK(rows == Rows{{1, 2, 0}, {2, 1, 0}});
    const auto weight = drawn.weight.sum(1).to_vector();
    CHECK(weight == std::vector<double>(3, 2));
}

TEST_CASE("class-balanced keeps k of each class, and all where there are fewer") {
    SessionFixture fixture(line(4));
    ReplayMemory memory(fixture.setup({{"memory_per_class", 3}, {"memory_batch", 1000}}),
                        {"class_balanced", "ring"}, 10);
    TaskData s{{}, {}};
    for (int k = 0; k < 40; ++k)
        s.pixels.push_back(static_cast<uint8_t>(k)),
            s.labels.push_back(k < 2 ? 2 : k % 2); // two of class 2
    for (int64_t t = 0; t < 2; ++t) {
        fixture.begin_task(t);
        fixture.set_examples(t, s);
        memory.start(fixture.task(t));
        memory.add(passing(4, 0, {0, 1}, t)); // nothing is stored while training
        CHECK(memory.empty() == (t == 0));
        fixture.seek(t, 253, 0xFFFFFFFFu);
        memory.finish(fixture.task(t));
    }
    const auto held = memory.sample();
    CHECK(held.rows() == 2 * 8);
    const auto rows = rows_of(held);
    for (const auto& of : rows) {
        CHECK(std::set(of.begin(), of.end()).size() == 16); // none twice
        std::map<std::pair<double, double>, int> counts;
        for (const auto& [x, y, task] : of) {
            ++counts[{y, task}];
            CHECK(s.labels[static_cast<std::size_t>(x * 255 + 0.5)] == y);
        }
        for (double t : {0, 1})
            CHECK((counts[{0, t}] == 3 && counts[{1, t}] == 3 && counts[{2, t}] == 2));
    }
    CHECK(rows[0] != rows[1]); // each replica's own choice
}
