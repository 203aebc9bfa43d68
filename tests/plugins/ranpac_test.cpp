// SPDX-License-Identifier: Apache-2.0
// RanPAC: sums, the chosen ridge, weights and scores by Gaussian elimination in double.
#include "catch.hpp"

#include <cmath>

#include "plugin_batches.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;
constexpr std::size_t M = 4;

struct Row {
    double x[2];
    std::size_t y;
};

struct Ridge {
    Vector w, G = Vector(M * M), C = Vector(M * 2); // w [2, M]

    Vector hidden(const double* x) const {
        Vector h(M);
        for (std::size_t j = 0; j < M; ++j) h[j] = std::max(0.0, x[0] * w[j] + x[1] * w[M + j]);
        return h;
    }
    void add(const Row& row) {
        const Vector h = hidden(row.x);
        for (std::size_t i = 0; i < M; ++i) {
            for (std::size_t j = 0; j < M; ++j) G[i * M + j] += h[i] * h[j];
            C[i * 2 + row.y] += h[i];
        }
    }
    // (G + lambda I)^-1 C [M, 2]
    Vector solved(double lambda) const {
        Vector a = G, b = C;
        for (std::size_t i = 0; i < M; ++i) a[i * M + i] += lambda;
        for (std::size_t p = 0; p < M; ++p)
            for (std::size_t i = 0; i < M; ++i) {
                if (i == p) continue;
                const double factor = a[i * M + p] / a[p * M + p];
                for (std::size_t j = 0; j < M; ++j) a[i * M + j] -= factor * a[p * M + j];
                for (std::size_t c = 0; c < 2; ++c) b[i * 2 + c] -= factor * b[p * 2 + c];
            }
        for (std::size_t i = 0; i < M; ++i)
            for (std::size_t c = 0; c < 2; ++c) b[i * 2 + c] /= a[i * M + i];
        return b;
    }
    double score(const Vector& W, const double* x, std::size_t c) const {
        const Vector h = hidden(x);
        double sum = 0;
        for (std::size_t i = 0; i < M; ++i) sum += h[i] * W[i * 2 + c];
        return sum;
    }
};

// Two overlapping classes, so that neither end of the range of lambda is best.
std::vector<Row> rows_of(int task) {
    std::vector<Row> rows;
    for (int n = 0; n < 20; ++n) {
        const double t = n * 1.7 + task;
        rows.push_back(
            {{std::sin(t) + 0.4, std::cos(2.3 * t)}, std::sin(t) > 0.5 * std::cos(5 * t)});
    }
    return rows;
}

} // namespace

TEST_CASE("ranpac: sums over all tasks, the ridge that suits the held-out fifth, the scores") {
    SessionFixture fixture(two_classes());
    PluginLearner ranpac(fixture, "ranpac",
                         {{"features", "initial"}, {"random_features", int64_t(M)}});
    Ridge all{ranpac.state().at("W")};
    REQUIRE(all.w.size() == 2 * M);
    double lambda = 0;
    for (int task = 0; task < 2; ++task) {
        fixture.set_examples(task, make_task_data(4, 2, {0, 1}, 1));
        ranpac.begin_task(task);
        const auto phase = ranpac.phases(task).at(0);
        CHECK(phase.batch_size == 250);
        ranpac.begin_phase(phase, task);
        const auto rows = rows_of(task);
        Ridge fit{all.w};
        Vector x;
        std::vector<int64_t> y;
        for (std::size_t n = 0; n < rows.size(); ++n) {
            x.insert(x.end(), {rows[n].x[0], rows[n].x[1]});
            y.push_back(int64_t(rows[n].y));
            all.add(rows[n]);
            if (n % 5 != 4) fit.add(rows[n]);
        }
        x.insert(x.end(), {9, 9}), y.push_back(0); // fills the batch and weighs nothing
        Vector weight(y.size(), 1);
        weight.back() = 0;
        ranpac.observe(batch(1, x, y, std::vector<int64_t>(y.size(), task), weight), task, 0);
        ranpac.end_phase(phase, task);
        double least = 1e30;
        for (int power = -8; power <= 8; ++power) {
            const Vector W = fit.solved(std::pow(10.0, power));
            double error = 0;
            for (std::size_t n = 4; n < rows.size(); n += 5)
                for (std::size_t c = 0; c < 2; ++c) {
                    const double off = fit.score(W, rows[n].x, c) - double(rows[n].y == c);
                    error += off * off;
                }
            if (error < least) least = error, lambda = std::pow(10.0, power);
        }
    }
    CHECK(lambda > 1e-6);
    CHECK(lambda < 1e6);
    const auto state = ranpac.state();
    CHECK(distance(state.at("G"), all.G) < 1e-4);
    CHECK(distance(state.at("C"), all.C) < 1e-4);
    CHECK(distance(state.at("task_G"), Vector(M * M)) == 0);
    CHECK(distance(state.at("held_out_G"), Vector(M * M)) == 0);
    const Vector W = all.solved(lambda);
    CHECK(distance(state.at("W_o"), W) < 1e-4);
    const double asked[] = {0.3, -1};
    const auto scores = ranpac.predict(tensor({0.3, -1}, {1, 1, 2}, DType::float32), 0).to_vector();
    for (std::size_t c = 0; c < 2; ++c)
        CHECK(scores[c] == Approx(all.score(W, asked, c)).epsilon(1e-3).margin(1e-4));
}
