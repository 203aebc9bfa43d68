// SPDX-License-Identifier: Apache-2.0
// Streaming LDA: means, covariance and scores by hand, in double.
#include "catch.hpp"

#include <cmath>

#include "plugin_batches.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;

} // namespace

TEST_CASE("slda: mu, Sigma and the scores of rows that come one by one") {
    constexpr double eps = 0.05;
    SessionFixture fixture(two_classes());
    fixture.set_examples(0, make_task_data(4, 2, {0, 1}, 1));
    PluginLearner slda(fixture, "slda", {{"features", "initial"}, {"shrinkage", eps}});
    slda.begin_task(0);
    const auto phase = slda.phases(0).at(0);
    slda.begin_phase(phase, 0);
    const Vector x{1, 2, 3, 0, -1, 4, 0.5, 0.25, 2, 2, -2, 1};
    const std::vector<int64_t> y{0, 0, 1, 0, 1, 1};
    slda.observe(batch(1, {x.begin(), x.begin() + 8}, {0, 0, 1, 0}), 0, 0);
    slda.observe(batch(1, {2, 2, 7, 7, -2, 1}, {1, 0, 1}, {0, 0, 0}, {1, 0, 1}), 0, 1);
    slda.end_phase(phase, 0);
    double mu[2][2] = {}, count[2] = {}, sigma[2][2] = {}, t = 0;
    for (std::size_t n = 0; n < y.size(); ++n) {
        const auto c = std::size_t(y[n]);
        const double d[2] = {x[2 * n] - mu[c][0], x[2 * n + 1] - mu[c][1]};
        for (std::size_t i = 0; i < 2; ++i)
            for (std::size_t j = 0; j < 2; ++j) {
                const double delta = count[c] > 0 ? t / (t + 1) * d[i] * d[j] : 0;
                sigma[i][j] = (t * sigma[i][j] + delta) / (t + 1);
            }
        for (std::size_t j = 0; j < 2; ++j) mu[c][j] += d[j] / (count[c] + 1);
        count[c] += 1, t += 1;
    }
    const auto state = slda.state();
    CHECK(distance(state.at("mu"), {mu[0][0], mu[0][1], mu[1][0], mu[1][1]}) < 1e-6);
    CHECK(distance(state.at("sigma"), {sigma[0][0], sigma[0][1], sigma[1][0], sigma[1][1]}) < 1e-6);
    CHECK(state.at("count") == Vector{3, 3});
    const double a = (1 - eps) * sigma[0][0] + eps, b = (1 - eps) * sigma[0][1],
                 d = (1 - eps) * sigma[1][1] + eps, det = a * d - b * b;
    const auto scores = slda.predict(tensor({0.3, -1}, {1, 1, 2}, DType::float32), 0).to_vector();
    for (std::size_t c = 0; c < 2; ++c) {
        const double w[2] = {(d * mu[c][0] - b * mu[c][1]) / det,
                             (a * mu[c][1] - b * mu[c][0]) / det};
        CHECK(scores[c] ==
              Approx(0.3 * w[0] - w[1] - (mu[c][0] * w[0] + mu[c][1] * w[1]) / 2).epsilon(1e-4));
    }
}
