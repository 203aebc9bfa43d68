// SPDX-License-Identifier: Apache-2.0
// Positions, values of a method's own, and balanced memories.
#include <mneme/memory.hpp>

#include "catch.hpp"
#include "rows.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

// Beside each row its input, negated: a row and its values stay together wherever they are.
std::vector<Tensor> beside(const Batch& b) { return {-b.x}; }

void together(const ReplayMemory& memory) {
    const auto x = memory.rows().x.to_vector(), own = memory.own().to_vector();
    for (std::size_t k = 0; k < x.size(); ++k) CHECK(own[k] == -x[k]);
}

std::vector<int64_t> labels_in_turn(int64_t n) {
    std::vector<int64_t> y;
    for (int64_t k = 0; k < n; ++k) y.push_back(k % 3);
    return y;
}

} // namespace

TEST_CASE("add tells the slots, draw the positions, and values stay beside their rows") {
    for (const char* policy : {"reservoir", "ring", "balanced"}) {
        INFO(policy);
        SessionFixture fixture(line(3));
        ReplayMemory memory(fixture.setup({{"memory", 5}, {"memory_per_class", 2}}), {policy}, 4);
        CHECK(memory.keep(1) == 0);
        fixture.set_examples(0, make_task_data(3, 1, {0, 1, 2}, 1));
        memory.start(fixture.task(0));
        for (uint32_t k = 0; k < 8; ++k) {
            fixture.seek(0, 0, k);
            const auto b = passing(3, 1 + 6 * k, labels_in_turn(6), 0, {1, 1, 0, 1, 1, 1});
            const auto slot = memory.add(b, beside(b)).to_vector();
            REQUIRE(slot.size() == 18);
            for (std::size_t s = 0; s < 3; ++s) CHECK(slot[6 * s + 2] == -1); // weight 0
            if (std::string(policy) == "ring") continue;
            const auto x = memory.rows().x.to_vector(), given = b.x.to_vector();
            for (std::size_t s = 0; s < 3; ++s)
                for (std::size_t j = 0; j < 6; ++j) {
                    if (slot[6 * s + j] < 0 || slot[6 * s + j] >= 5) continue;
                    bool last = true; // of the rows for one slot
                    for (std::size_t i = j + 1; i < 6; ++i)
                        last &= slot[6 * s + i] != slot[6 * s + j];
                    if (last)
                        CHECK(x[5 * s + static_cast<std::size_t>(slot[6 * s + j])] ==
                              given[6 * s + j]);
                }
        }
        memory.finish(fixture.task(0));
        together(memory);
        const auto at = memory.draw(3);
        CHECK(at.shape() == std::vector<int64_t>{3, 3});
        CHECK(memory.own_at(at).to_vector() == (-memory.at(at).x).to_vector());
        memory.set_own(at, memory.own_at(at) * 0 + 7);
        CHECK(memory.own_at(at).to_vector() == std::vector<double>(9, 7));
    }
}

TEST_CASE("balanced keeps as many of each class as of the others, and no row twice") {
    SessionFixture fixture(line(4));
    ReplayMemory memory(fixture.setup({{"memory", 12}}), {"balanced"}, 4);
    fixture.set_examples(0, make_task_data(3, 1, {0, 1, 2}, 1));
    memory.start(fixture.task(0));
    const auto counts = [&] {
        std::vector<std::map<double, int>> out;
        for (const auto& rows : rows_of(memory.rows())) {
            std::set<double> inputs;
            out.emplace_back();
            for (const auto& [x, y, task] : rows) inputs.insert(x), ++out.back()[y];
            CHECK(inputs.size() == rows.size());
        }
        return out;
    };
    int64_t next = 0;
    const auto pass = [&](int64_t label, int64_t n) {
        for (int64_t k = 0; k < n; k += 5, next += 5) {
            fixture.seek(0, 0, static_cast<uint32_t>(next));
            memory.add(passing(4, next, std::vector<int64_t>(5, label), 0));
        }
    };
    pass(0, 50);
    for (const auto& of : counts()) CHECK(of == std::map<double, int>{{0, 12}});
    pass(2, 20);
    for (const auto& of : counts()) CHECK(of == std::map<double, int>{{0, 6}, {2, 6}});
    pass(1, 10);
    pass(0, 30);
    for (const auto& of : counts()) CHECK(of == std::map<double, int>{{0, 4}, {1, 4}, {2, 4}});
    const auto rows = rows_of(memory.rows());
    CHECK(rows[0] != rows[1]); // each replica's own choice
}

TEST_CASE("trim leaves the first of each class, with their values") {
    SessionFixture fixture(line(2));
    ReplayMemory memory(fixture.setup({{"memory_per_class", 9}}), {"class_balanced"}, 4);
    memory.keep(1);
    const auto b = passing(2, 1, {0, 1, 0, 0, 2, 1, 1}, 0);
    memory.store(b, beside(b));
    memory.trim(2);
    for (const auto& rows : rows_of(memory.rows()))
        CHECK(rows == Rows{{1, 0, 0}, {3, 0, 0}, {2, 1, 0}, {6, 1, 0}, {5, 2, 0}});
    CHECK(memory.slots() == 5);
    CHECK(memory.rows().x.narrow(0, 0, 1).to_vector() == std::vector<double>{1, 2, 3, 5, 6});
    together(memory);
}

TEST_CASE("an id leads back to the example") {
    SessionFixture fixture(line(3));
    fixture.set_examples(0, make_task_data(30, 1, {0, 1, 2}, 1));
    const auto train = fixture.task(0).train();
    for (const auto& drawn : {train.sample(7), train.per_class(2)}) {
        CHECK(drawn.id.shape() == drawn.y.shape());
        CHECK(train.at(drawn.id).x.to_vector() == drawn.x.to_vector());
    }
    for (const auto& [part, share] : train.batches(0, 11)) // all, in the order of the file
        CHECK(part.id.select(0, 2).to_vector().back() == part.id.amax(0).to_vector().back());
}
