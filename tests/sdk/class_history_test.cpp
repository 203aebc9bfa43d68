// SPDX-License-Identifier: Apache-2.0
// Which classes have come so far, on a stream of which two tasks share a class; exemplars of them.
#include <mneme/class_history.hpp>

#include "catch.hpp"

#include <mneme/exemplars.hpp>

#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;

Layout shared() {
    return {.features = 2,
            .hidden = {},
            .seeds = {1, 2},
            .scenario = "class",
            .classes = 4,
            .tasks = {{0, 1}, {1, 2}, {3}}};
}

} // namespace

TEST_CASE("class_history: earlier, current, fresh, and the share of the old ones") {
    SessionFixture fixture(shared());
    for (int64_t t : {0, 1, 2})
        fixture.set_examples(t, make_task_data(4, 2, shared().tasks[std::size_t(t)], 1));
    ClassHistory history(fixture.net());
    CHECK(history.seen().to_vector() == Vector{0, 0, 0, 0});

    history.begin(fixture.net(), fixture.task(0));
    CHECK(history.earlier().to_vector() == Vector{0, 0, 0, 0});
    CHECK(history.current().to_vector() == Vector{1, 1, 0, 0});
    CHECK(history.old_share() == 0);

    history.begin(fixture.net(), fixture.task(1));
    CHECK(history.earlier().to_vector() == Vector{1, 1, 0, 0});
    CHECK(history.current().to_vector() == Vector{0, 1, 1, 0});
    CHECK(history.fresh().to_vector() == Vector{0, 0, 1, 0});
    CHECK(history.seen().to_vector() == Vector{1, 1, 1, 0});
    CHECK(ClassHistory::count(history.seen()) == 3);
    CHECK(history.old_share() == 1.0 / 3);
    const auto waiting = (fixture.net().real() && !history.trained()).to_vector();
    CHECK(waiting == fixture.net().head_columns({3}).to_vector());

    history.begin(fixture.net(), fixture.task(2));
    CHECK(history.earlier().to_vector() == Vector{1, 1, 1, 0});
    CHECK(history.old_share() == 3.0 / 4);
    CHECK(history.trained().to_vector() == fixture.net().real().to_vector());
}

TEST_CASE("one_hot is true at the class, for labels of any shape") {
    SessionFixture fixture(shared());
    const auto y = Tensor::of(std::vector<int64_t>{2, 0}, {1, 2});
    CHECK(fixture.net().one_hot(y).shape() == std::vector<int64_t>{1, 2, 4});
    CHECK(fixture.net().one_hot(y).to_vector() == Vector{0, 0, 1, 0, 1, 0, 0, 0});
}

TEST_CASE("exemplars: memory / classes of each, the first of the older ones, drawn for a step") {
    SessionFixture fixture(shared());
    for (int64_t t : {0, 1, 2})
        fixture.set_examples(t, make_task_data(12, 2, shared().tasks[std::size_t(t)], 1));
    Exemplars exemplars(fixture.setup({{"memory", 8}, {"memory_batch", 3}}), 100, 1);
    ClassHistory history(fixture.net());
    history.begin(fixture.net(), fixture.task(0));
    CHECK(exemplars.per_class(history) == 4);
    const auto step = batch(2, numbers(8, 1), {0, 1, 0, 1}, {0, 0, 0, 0});
    CHECK(exemplars.joined(step).rows() == 2);
    exemplars.add(fixture.task(0).train().per_class(4), 4);
    CHECK(exemplars.rows().rows() == 8);
    const auto all = exemplars.rows();
    CHECK(exemplars.joined(step).rows() == 2 + 3);
    // Of 16 rows of a task beside 8 exemplars: to each row of the batch half an exemplar.
    const auto mixed = exemplars.joined_in_proportion(step, 16);
    CHECK(mixed.rows() == 2 + 3);
    CHECK(mixed.weight.narrow(1, 0, 2).to_vector() == std::vector<double>{1, 1, 1, 1});
    for (double w : mixed.weight.narrow(1, 2, 3).to_vector())
        CHECK(w == Approx(2 * 8.0 / 16 / 3).epsilon(1e-6));

    history.begin(fixture.net(), fixture.task(1)), history.begin(fixture.net(), fixture.task(2));
    CHECK(exemplars.per_class(history) == 2);
    exemplars.add(fixture.task(2).train().per_class(2), 2);
    const auto left = exemplars.rows();
    CHECK(left.rows() == 6);
    for (int64_t c : {0, 1, 3}) CHECK((left.y == c).sum().item() == 2 * 2); // in both replicas
    // Those that are left of class 0 are the first two that were there.
    const auto of = [&](const Batch& b, int64_t k) {
        const auto at = (b.y == 0).to(DType::int64).sort(1, true)[1].narrow(1, k, 1);
        return pick(b, at).x.to_vector();
    };
    for (int64_t k : {0, 1}) CHECK(of(left, k) == of(all, k));
}
