// SPDX-License-Identifier: Apache-2.0
// Replay memory: what is kept, and what is drawn from it.
#include "catch.hpp"

#include <deque>
#include <set>

#include <benchmarks/random.hpp>

#include "desk.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

// A stored row is known by its only input: a number of its own.
using Rows = std::multiset<std::tuple<double, double, double>>; // input, label, task

std::vector<Rows> rows_of(const Batch& b, bool empty_too = false) {
    const auto x = b.x.to_vector(), y = b.y.to_vector(), task = b.task.to_vector(), weight = b.weight.to_vector();
    const auto n = static_cast<std::size_t>(b.rows());
    std::vector<Rows> out(y.size() / n);
    for (std::size_t k = 0; k < y.size(); ++k)
        if (empty_too || weight[k] > 0) out[k / n].insert({x[k], y[k], task[k]});
    return out;
}

Layout line(int64_t replicas) { // one input, classes 0 to 2
    Layout l{.features = 1, .seeds = {}};
    for (int64_t s = 1; s <= replicas; ++s) l.seeds.push_back(s);
    return l;
}

// Rows first, first + 1, ... of a stream that every replica sees.
Batch passing(int64_t replicas, int64_t first, const std::vector<int64_t>& labels, int64_t task, const std::vector<double>& weight = {}) {
    std::vector<double> x, w;
    std::vector<int64_t> y, t;
    for (int64_t s = 0; s < replicas; ++s)
        for (std::size_t k = 0; k < labels.size(); ++k) {
            x.push_back(static_cast<double>(first) + static_cast<double>(k)), y.push_back(labels[k]), t.push_back(task);
            w.push_back(weight.empty() ? 1 : weight[k]);
        }
    return batch(replicas, x, y, t, w);
}

} // namespace

TEST_CASE("the ring holds the last m of each class of each task") {
    for (int64_t m : {1, 2, 3, 5}) {
        INFO("m = " << m);
        Desk desk(line(2));
        ReplayMemory memory(desk.setup({{"memory_per_class", m}, {"memory_batch", 1000}}), {"ring"}, 10);
        Rows wanted;
        int64_t next = 0;
        for (int64_t t = 0; t < 3; ++t) {
            desk.begin_task(t);
            desk.lay(t, sheet(3, 1, {0, 1, 2}, 1));
            memory.start(desk.task(t));
            std::vector<std::deque<double>> last(3);
            const auto labels = numbers(70, static_cast<uint32_t>(7 + t));
            for (uint32_t k = 0, from = 0; from < 70; from += k % 11 + 1, ++k) { // batches of 1 to 11 rows: several of one class, often more than m
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
                desk.stand_at(t, 0, k);
                memory.add(passing(2, next, y, t, weight));
                next += static_cast<int64_t>(y.size());
                if (t == 0) CHECK(memory.empty()); // only earlier tasks are drawn from
                else CHECK(memory.slots() == 3 * m * t);
            }
            memory.finish(desk.task(t));
            for (std::size_t c = 0; c < 3; ++c)
                for (double x : last[c]) wanted.insert({x, static_cast<double>(c), static_cast<double>(t)});
            const auto held = memory.sample();
            CHECK(held.rows() == 3 * m * (t + 1));
            for (const auto& rows : rows_of(held)) CHECK(rows == wanted);
        }
    }
}

TEST_CASE("the ring leaves a slot empty where a class had fewer") {
    Desk desk(line(1));
    ReplayMemory memory(desk.setup({{"memory_per_class", 2}}), {"ring"}, 10);
    desk.lay(0, sheet(3, 1, {0, 1, 2}, 1));
    memory.start(desk.task(0));
    memory.add(passing(1, 1, {0, 1, 0, 0}, 0));
    memory.finish(desk.task(0));
    CHECK(rows_of(memory.sample())[0] == Rows{{3, 0, 0}, {4, 0, 0}, {2, 1, 0}});
}

TEST_CASE("the reservoir keeps what algorithm R keeps, row by row") {
    constexpr int64_t replicas = 5, capacity = 3;
    Desk desk(line(replicas));
    ReplayMemory memory(desk.setup({{"memory", capacity}, {"memory_batch", 100}}), {"reservoir"}, 10);
    desk.lay(0, sheet(3, 1, {0, 1, 2}, 1));
    memory.start(desk.task(0));
    std::vector<std::vector<double>> slots(replicas);
    std::vector<int64_t> seen(replicas);
    int64_t next = 0;
    for (uint32_t k = 0; k < 12; ++k) {
        std::vector<int64_t> labels(k % 5 + 1, 1);
        std::vector<double> weight(labels.size(), 1);
        if (k % 3 == 2) weight[0] = 0;
        desk.stand_at(0, 0, k);
        memory.add(passing(replicas, next, labels, 0, weight));
        for (std::size_t s = 0; s < replicas; ++s) { // one row at a time: the later one takes a slot that two want
            std::vector<int64_t> draw(labels.size());
            bench::integers(static_cast<int64_t>(draw.size()), 1u << 31, {static_cast<uint32_t>(s + 1), bench::purpose("plugin/memory_write")}, {0, k, 0}, draw.data());
            for (std::size_t j = 0; j < labels.size(); ++j) {
                if (weight[j] == 0) continue;
                const double x = static_cast<double>(next) + static_cast<double>(j);
                const int64_t place = seen[s] < capacity ? seen[s] : (draw[j] * (seen[s] + 1)) >> 31;
                ++seen[s];
                if (place >= capacity) continue;
                if (place == static_cast<int64_t>(slots[s].size())) slots[s].push_back(x);
                else slots[s][static_cast<std::size_t>(place)] = x;
            }
        }
        next += static_cast<int64_t>(labels.size());
        desk.stand_at(0, 0, 100 + k);
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
    Desk desk(line(replicas));
    ReplayMemory memory(desk.setup({{"memory", capacity}, {"memory_batch", capacity}}), {"reservoir"}, 10);
    desk.lay(0, sheet(3, 1, {0, 1, 2}, 1));
    memory.start(desk.task(0));
    for (int64_t first = 0, k = 0; first < n; first += 3, ++k) {
        desk.stand_at(0, 0, static_cast<uint32_t>(k));
        memory.add(passing(replicas, first, std::vector<int64_t>(static_cast<std::size_t>(std::min<int64_t>(3, n - first))), 0));
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

TEST_CASE("the reservoir may be drawn from at once; an empty slot weighs nothing") {
    Desk desk(line(3));
    ReplayMemory memory(desk.setup({{"memory", 10}, {"memory_batch", 4}}), {"reservoir"}, 10);
    desk.lay(0, sheet(3, 1, {0, 1, 2}, 1));
    memory.start(desk.task(0));
    CHECK(memory.empty());
    memory.add(passing(3, 1, {2, 1}, 0));
    CHECK_FALSE(memory.empty());
    const auto drawn = memory.sample();
    CHECK(drawn.rows() == 4);
    CHECK(drawn.current == 0);
    for (const auto& rows : rows_of(drawn)) CHECK(rows == Rows{{1, 2, 0}, {2, 1, 0}});
    const auto weight = drawn.weight.sum(1).to_vector();
    CHECK(weight == std::vector<double>(3, 2));
}

TEST_CASE("class-balanced keeps k of each class, and all where there are fewer") {
    Desk desk(line(4));
    ReplayMemory memory(desk.setup({{"memory_per_class", 3}, {"memory_batch", 1000}}), {"class_balanced", "ring"}, 10);
    Sheet s{{}, {}};
    for (int k = 0; k < 40; ++k) s.pixels.push_back(static_cast<uint8_t>(k)), s.labels.push_back(k < 2 ? 2 : k % 2); // two of class 2
    for (int64_t t = 0; t < 2; ++t) {
        desk.begin_task(t);
        desk.lay(t, s);
        memory.start(desk.task(t));
        memory.add(passing(4, 0, {0, 1}, t)); // nothing is stored while training
        CHECK(memory.empty() == (t == 0));
        desk.stand_at(t, 253, 0xFFFFFFFFu);
        memory.finish(desk.task(t));
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
        for (double t : {0, 1}) CHECK((counts[{0, t}] == 3 && counts[{1, t}] == 3 && counts[{2, t}] == 2));
    }
    CHECK(rows[0] != rows[1]); // each replica's own choice
}

TEST_CASE("a memory batch is drawn without replacement, evenly, and is the whole memory where that is small") {
    constexpr int64_t replicas = 50, stored = 12;
    Desk desk(line(replicas));
    ReplayMemory memory(desk.setup({{"memory_per_class", 4}, {"memory_batch", 5}}), {"ring"}, 10);
    desk.lay(0, sheet(3, 1, {0, 1, 2}, 1));
    memory.start(desk.task(0));
    memory.add(passing(replicas, 0, {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2}, 0));
    memory.finish(desk.task(0));
    std::vector<double> drawn(stored);
    constexpr uint32_t steps = 40;
    std::vector<Rows> before;
    for (uint32_t k = 0; k < steps; ++k) {
        desk.stand_at(1, 0, k);
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
        Desk own(line(2));
        ReplayMemory all(own.setup({{"memory_per_class", 4}, {"memory_batch", ask}}), {"ring"}, 10);
        own.lay(0, sheet(3, 1, {0, 1, 2}, 1));
        all.start(own.task(0));
        all.add(passing(2, 0, {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2}, 0));
        all.finish(own.task(0));
        const auto held = all.sample();
        CHECK(held.rows() == stored);
        for (const auto& rows : rows_of(held)) CHECK(std::set(rows.begin(), rows.end()).size() == stored);
    }
}

TEST_CASE("one x for all replicas is stored as each replica's own") {
    Desk desk(line(3));
    ReplayMemory memory(desk.setup({{"memory_per_class", 1}}), {"ring"}, 10);
    desk.lay(0, sheet(3, 1, {0, 1, 2}, 1));
    memory.start(desk.task(0));
    auto shared = passing(3, 5, {0, 1, 2}, 0);
    shared.x = shared.x.select(0, 0); // [B, 1]
    memory.add(shared);
    memory.finish(desk.task(0));
    for (const auto& rows : rows_of(memory.sample())) CHECK(rows == Rows{{5, 0, 0}, {6, 1, 0}, {7, 2, 0}});
}

TEST_CASE("joined batches keep their rows in order, whether or not x is shared") {
    Desk desk(line(2));
    const auto own = passing(2, 0, {0, 1}, 1), memory = passing(2, 10, {2, 2, 2}, 0, {1, 0, 1});
    auto shared = own;
    shared.x = own.x.select(0, 1);
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
    // As many rows as replicas: shapes alone hardly say which is which.
    auto same = passing(2, 3, {0, 1}, 0);
    same.x = same.x.select(0, 0);
    CHECK(concat(same, memory).x.to_vector() == std::vector<double>{3, 4, 10, 11, 12, 3, 4, 10, 11, 12});
}

TEST_CASE("options that a memory does not have are not declared") {
    Desk desk(line(1));
    CHECK(refusal([&] { ReplayMemory(desk.setup({{"policy", "reservoir"}}), {"ring", "class_balanced"}, 10); }) ==
          "suite: policy = \"reservoir\" is no choice; it is one of ring, class_balanced");
    CHECK(refusal([&] { ReplayMemory(desk.setup({{"memory_batch", 0}}), {"ring"}, 10); }) ==
          "suite: memory_batch = 0 is out of bounds; memory_batch >= 1 would be right");
}
