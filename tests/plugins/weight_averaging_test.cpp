// SPDX-License-Identifier: Apache-2.0
// Weight averaging: what answers is the mean of the networks at the tasks' ends.
#include "catch.hpp"

#include "task_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

const Json train{{"lr", 0.1}, {"momentum", 0.0}, {"batch_size", 4}, {"epochs", 1}};
using Vector = std::vector<double>;

// As if task t had been trained to `weights`.
void finish(TaskFixture& learner, int64_t t, const Vector& weights) {
    learner->begin_task(t);
    learner->put("weights.theta", weights);
    learner->end_task(t);
}

} // namespace

TEST_CASE("weight averaging: after t tasks the mean of t networks") {
    TaskFixture learner(TaskFixture::layout(), "weight_averaging", {{"start", "last"}}, train);
    Vector sum(learner->theta().size(), 0);
    for (int64_t t = 0; t < 3; ++t) {
        Vector weights(sum.size());
        for (std::size_t k = 0; k < sum.size(); ++k)
            weights[k] = 0.25 * static_cast<double>(k % 8) * static_cast<double>(t + 1),
            sum[k] += weights[k];
        finish(learner, t, weights);
        Vector mean = sum;
        for (double& x : mean) x /= static_cast<double>(t + 1);
        CHECK(distance(learner->theta(), mean) < 1e-6);
        if (t == 2) break;
        learner->begin_task(t + 1);
        CHECK(learner->theta() == weights); // the path goes on where the task before ended
    }
}

TEST_CASE("weight averaging: a task begins at the mean, or anew, as asked") {
    for (const char* start : {"merged", "initial"}) {
        TaskFixture learner(TaskFixture::layout(), "weight_averaging", {{"start", start}}, train);
        const Vector first = learner->theta(), weights(first.size(), 0.5);
        finish(learner, 0, weights);
        learner->begin_task(1);
        const Vector& wanted = start == std::string("merged") ? weights : first;
        CHECK(distance(learner->theta(), wanted) < 1e-6);
        finish(learner, 1, Vector(first.size(), 1.5));
        CHECK(distance(learner->theta(), Vector(first.size(), 1)) < 1e-6);
    }
}
