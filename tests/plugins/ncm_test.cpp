// SPDX-License-Identifier: Apache-2.0
// Nearest class mean: the means by hand, on inputs that are their own features.
#include "catch.hpp"

#include <cmath>

#include "plugin_batches.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;

} // namespace

TEST_CASE("ncm: a score is 2 x.mu - mu.mu, whose largest is the nearest mean's class") {
    SessionFixture fixture(two_classes());
    fixture.set_examples(0, make_task_data(4, 2, {0, 1}, 1));
    PluginLearner ncm(fixture, "ncm");
    ncm.begin_task(0);
    const auto phases = ncm.phases(0);
    REQUIRE(phases.size() == 2);
    ncm.begin_phase(phases[1], 0, 1);
    const auto before = ncm.theta();
    ncm.observe(batch(1, {1, 2, 3, 0, -1, 4}, {0, 0, 1}), 0, 0, nullptr, 1);
    ncm.observe(batch(1, {0, 2, 9, 9}, {1, 1}, {0, 0}, {1, 0}), 0, 1, nullptr, 1); // one weighs 0
    CHECK(ncm.theta() == before);
    const double mu[2][2] = {{2, 1}, {-0.5, 3}};
    const auto scores = ncm.predict(tensor({1, 1, 0, 5}, {1, 2, 2}, DType::float32), 0).to_vector();
    const double x[2][2] = {{1, 1}, {0, 5}};
    for (std::size_t n = 0; n < 2; ++n)
        for (std::size_t c = 0; c < 2; ++c)
            CHECK(scores[2 * n + c] == Approx(2 * (x[n][0] * mu[c][0] + x[n][1] * mu[c][1]) -
                                              (mu[c][0] * mu[c][0] + mu[c][1] * mu[c][1])));
}

TEST_CASE("ncm: features = initial trains nothing; a later task trains nothing either") {
    SessionFixture fixture(two_classes());
    for (int64_t t : {0, 1}) fixture.set_examples(t, make_task_data(4, 2, {0, 1}, 1));
    PluginLearner initial(fixture, "ncm", {{"features", "initial"}}), trained(fixture, "ncm");
    initial.begin_task(0);
    CHECK(initial.phases(0).size() == 1);
    trained.begin_task(0), trained.end_task(0), trained.begin_task(1);
    REQUIRE(trained.phases(1).size() == 1);
    CHECK(trained.phases(1)[0].name == "stream");
}
