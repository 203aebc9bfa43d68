// SPDX-License-Identifier: Apache-2.0
// TIES: trimmed vectors, elected signs, the mean of what agrees, on vectors made by hand.
#include "catch.hpp"

#include <cmath>

#include "task_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

const Json train{{"lr", 0.1}, {"momentum", 0.0}, {"batch_size", 4}, {"epochs", 1}};
using Vector = std::vector<double>;

void finish(TaskFixture& learner, int64_t t, const Vector& weights) {
    learner->begin_task(t);
    learner->put("weights.theta", weights);
    learner->end_task(t);
}

// The base is 0, so a network is its vector. One replica, whose first columns are parameters.
Vector vector_of(std::size_t size, std::initializer_list<double> first) {
    Vector v(size, 0);
    std::copy(first.begin(), first.end(), v.begin());
    return v;
}

Layout alone() {
    auto layout = TaskFixture::layout();
    layout.seeds = {1};
    return layout;
}

} // namespace

TEST_CASE("ties: of two vectors the larger sum elects the sign, and what agrees is averaged") {
    TaskFixture learner(alone(), "ties", {{"keep", 1.0}}, train);
    const std::size_t size = learner->theta().size();
    finish(learner, 0, Vector(size, 0));
    finish(learner, 1, vector_of(size, {4, 2, -3, 1}));
    CHECK(learner->theta() == vector_of(size, {4, 2, -3, 1})); // one vector is merged to itself
    finish(learner, 2, vector_of(size, {2, -1, -1, -1}));
    // +4 and +2 agree; +2 outweighs -1; -3 and -1 agree; +1 and -1 elect nothing.
    CHECK(learner->theta() == vector_of(size, {3, 2, -2, 0}));
}

TEST_CASE("ties: small entries of a vector are trimmed, and the merged one is scaled") {
    const double parameters = 3 * 5 + 5 + 5 * 3 + 3;
    TaskFixture learner(alone(), "ties", {{"keep", 2.5 / parameters}, {"scale", 0.5}}, train);
    const std::size_t size = learner->theta().size();
    finish(learner, 0, Vector(size, 0));
    finish(learner, 1, vector_of(size, {4, 2, -3, 1})); // two are kept
    CHECK(learner->theta() == vector_of(size, {2, 0, -1.5, 0}));
    finish(learner, 2, vector_of(size, {1, 6, 0, -8}));
    CHECK(learner->theta() == vector_of(size, {2, 3, -1.5, -4}));
}
