// SPDX-License-Identifier: Apache-2.0
// Rows into slots: one after the other, as a loop would put them.
#include "catch.hpp"

#include <mneme/rows.hpp>

#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

struct Table { // a batch as plain numbers, a row after the other
    std::vector<double> x, y, task, weight;
    bool operator==(const Table&) const = default;
};

Table table(const Batch& b) {
    return {b.x.to_vector(), b.y.to_vector(), b.task.to_vector(), b.weight.to_vector()};
}

Batch rows_of(int64_t replicas, int64_t n, int64_t width, uint32_t which,
              const std::string& x = "own") {
    const auto count = replicas * n;
    const auto integers = [&](uint32_t salt) {
        std::vector<int64_t> out;
        for (double v : numbers(count, which + salt)) out.push_back(static_cast<int64_t>(100 * v));
        return out;
    };
    auto out = batch(replicas, numbers(count * width, which), integers(1), integers(2),
                     numbers(count, which + 3));
    if (x == "shared") out.x = out.x.select(0, 0).unsqueeze(0).expand(out.x.shape());
    if (x == "without S") out.x = out.x.select(0, 0); // as plugins from before give it
    return out;
}

} // namespace

TEST_CASE("rows go to their slots, the last of those that want one, and nowhere else") {
    for (int64_t replicas : {1, 3})
        for (int64_t n : {1, 8, 50})
            for (const char* x : {"own", "shared", "without S"}) {
                constexpr int64_t width = 5, m = 7;
                INFO(replicas << " replicas, " << n << " rows, x " << x);
                SessionFixture fixture({});
                auto slots = rows_of(replicas, m, width, 20);
                const auto rows = rows_of(replicas, n, width, 40, x);
                std::vector<int64_t> slot;
                for (double v : numbers(replicas * n, 60))
                    slot.push_back(
                        static_cast<int64_t>(4 * v + 3)); // some -1 and less, some 7 and more
                slot.back() = int64_t{1} << 40;
                auto wanted = table(slots);
                const auto from = table(rows);
                for (std::size_t k = 0; k < slot.size(); ++k) {
                    if (slot[k] < 0 || slot[k] >= m) continue;
                    const auto s = k / static_cast<std::size_t>(n);
                    const auto to = s * m + static_cast<std::size_t>(slot[k]),
                               row = x == std::string("without S") ? k % static_cast<std::size_t>(n)
                                                                   : k;
                    for (std::size_t c = 0; c < width; ++c)
                        wanted.x[to * width + c] = from.x[row * width + c];
                    wanted.y[to] = from.y[k], wanted.task[to] = from.task[k],
                    wanted.weight[to] = from.weight[k];
                }
                put_rows(slots, Tensor::of(slot, {replicas, n}), rows);
                CHECK(table(slots) == wanted);
            }
}

TEST_CASE("rows and slot may be views; a row may have more than one axis or none") {
    SessionFixture fixture({});
    const auto slot =
        Tensor::of(std::vector<int64_t>{1, 0, 1, 1}, {2, 2}).transpose(0, 1); // [[1, 1], [0, 1]]
    auto rows = rows_of(2, 2, 6, 5), slots = rows_of(2, 2, 6, 7);
    for (auto* b : {&rows, &slots}) b->x = b->x.reshape({2, 2, 3, 2});
    rows.x = rows.x.transpose(0, 1);
    const auto x = rows.x.to_vector();
    put_rows(slots, slot, rows);
    const auto put = slots.x.to_vector();
    CHECK(std::equal(x.begin() + 6, x.begin() + 12,
                     put.begin() + 6)); // replica 0: the second row in slot 1
    CHECK(std::equal(x.begin() + 12, x.end(), put.begin() + 12)); // replica 1: each in its own
    slots.x = zeros({2, 2}), rows.x = Tensor::of(std::vector<float>{1, 2, 3, 4}, {2, 2});
    put_rows(slots, slot, rows);
    CHECK(slots.x.to_vector() == std::vector<double>{0, 2, 3, 4});
}

TEST_CASE("what does not fit is refused, and nothing is written") {
    SessionFixture fixture({});
    const auto rows = rows_of(1, 2, 3, 5);
    const auto slots = rows_of(1, 4, 3, 7);
    const auto before = table(slots);
    const auto slot = zeros({1, 2}, DType::int64);
    const auto said = [&](Batch to, const Tensor& at, Batch from) {
        return refusal([&] { put_rows(to, at, from); });
    };
    auto odd = rows;
    odd.x = rows_of(1, 2, 4, 5).x;
    CHECK(said(slots, slot, odd) ==
          "put_rows: the rows' x is Float [1, 2, 4] on cpu; expected Float [1, 2, 3] on cpu");
    CHECK(said(slots, zeros({1, 3}, DType::int64), rows) ==
          "put_rows: the rows' x is Float [1, 2, 3] on cpu; expected Float [1, 3, 3] on cpu");
    CHECK(said(slots, zeros({1, 2}), rows) ==
          "put_rows: slot is Float [1, 2] on cpu; expected Long [1, 2] on cpu");
    odd = rows, odd.weight = {};
    CHECK(said(slots, slot, odd) == "put_rows: the rows' weight is missing");
    CHECK(said(slots, zeros({2}, DType::int64), rows) ==
          "put_rows: the slots' x is [1, 4, 3] and slot [2]; expected [S, M, D] and [S, B]");
    odd = slots, odd.x = rows_of(1, 3, 4, 7).x.transpose(1, 2);
    CHECK(said(odd, slot, rows) ==
          "put_rows: the slots are not contiguous; they are written where they lie");
    odd = slots, odd.task = rows.task;
    CHECK(said(odd, slot, rows) ==
          "put_rows: the slots' task is Long [1, 2] on cpu; expected Long [1, 4] on cpu");
    CHECK(table(slots) == before);
    const auto* table = std::exchange(border::tables.rows, nullptr);
    CHECK(said(slots, slot, rows) ==
          "put_rows: this host does not have mneme.rows/1; use a newer harness, or do without");
    border::tables.rows = table;
}
