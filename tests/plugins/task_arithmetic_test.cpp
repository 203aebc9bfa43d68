// SPDX-License-Identifier: Apache-2.0
// Task arithmetic: the base plus the scaled sum of what each task changed in it.
#include "catch.hpp"

#include "task_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

const Json train{{"lr", 0.1}, {"momentum", 0.0}, {"batch_size", 4}, {"epochs", 1}};
using Vector = std::vector<double>;

Vector moved(const Vector& from, double by) {
    Vector to = from;
    for (std::size_t k = 0; k < to.size(); ++k) to[k] += by * static_cast<double>(k % 4);
    return to;
}

void finish(TaskFixture& learner, int64_t t, const Vector& weights) {
    learner->begin_task(t);
    learner->put("weights.theta", weights);
    learner->end_task(t);
}

} // namespace

TEST_CASE("task arithmetic: vectors from the first task's network add up") {
    TaskFixture learner(TaskFixture::layout(), "task_arithmetic", {{"scale", 0.5}}, train);
    const Vector base(learner->theta().size(), 0.25);
    finish(learner, 0, base);
    CHECK(learner->theta() == base); // its own vector is 0
    finish(learner, 1, moved(base, 1));
    CHECK(distance(learner->theta(), moved(base, 0.5)) < 1e-6);
    learner->begin_task(2);
    CHECK(learner->theta() == base); // each task begins at the base
    finish(learner, 2, moved(base, -3));
    CHECK(distance(learner->theta(), moved(base, 0.5 * (1 - 3))) < 1e-6);
}

TEST_CASE("task arithmetic: from the initial weights the first task has a vector too") {
    TaskFixture learner(TaskFixture::layout(), "task_arithmetic",
                        {{"scale", 0.5}, {"base", "initial"}}, train);
    const Vector base = learner->theta();
    finish(learner, 0, moved(base, 1));
    CHECK(distance(learner->theta(), moved(base, 0.5)) < 1e-6);
}
