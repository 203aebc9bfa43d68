// SPDX-License-Identifier: Apache-2.0
// Gradients of a loss of one's own, against closed forms of softmax regression and against the
// built-in loss.
#include <mneme/gradients.hpp>

#include <stdexcept>

#include "catch.hpp"
#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

Layout regression() { return {.hidden = {}, .seeds = {1, 2}, .bias = false}; } // W [3, 3]

Batch some_rows(int64_t n, const Layout& l) { // n a replica
    const auto replicas = static_cast<int64_t>(l.seeds.size());
    std::vector<int64_t> y;
    for (int64_t k = 0; k < replicas * n; ++k) y.push_back(k % 3);
    return batch(replicas, numbers(replicas * n * l.features, 5), y);
}

} // namespace

TEST_CASE("the gradient of a cotangent d is d^T x") {
    const auto l = regression();
    SessionFixture fixture(l);
    const auto b = some_rows(4, l);
    const auto d = tensor(numbers(2 * 4 * 3, 9), {2, 4, 3}, DType::float32);
    const auto g = gradient(fixture.net(), fixture.net().initial(), b, [&](const Tensor& logits) {
        CHECK(logits.shape() == std::vector<int64_t>{2, 4, 3});
        return d;
    });
    const auto wanted = d.transpose(1, 2).matmul(b.x).reshape({2, 9}).to_vector();
    CHECK(distance(g.narrow(1, 0, 9).to_vector(), wanted) < 1e-6);
    CHECK(largest(g.narrow(1, 9, 7).to_vector()) == 0); // padding
}

TEST_CASE("the built-in cotangent gives the built-in gradient, bit for bit, and notes its loss") {
    for (const char* network : {"mlp", "zenke-cnn"}) {
        Layout l{.hidden = {5}, .seeds = {1, 2}, .dropout = 0.5, .network = network};
        if (l.network == "zenke-cnn") l.features = 192, l.image = {3, 8, 8};
        SessionFixture fixture(l);
        auto b = some_rows(6, l);
        b.current = 4; // the others are a memory's
        const auto w = fixture.net().initial();
        fixture.seek(0, 0, 7);
        const auto built_in = fixture.net().gradient(w, b).to_vector();
        const auto noted = fixture.train_loss();
        fixture.seek(0, 0, 7);
        const auto own = gradient(fixture.net(), w, b, [&](const Tensor& logits) {
            return loss_cotangent(fixture.net(), logits, b);
        });
        CHECK(own.to_vector() == built_in);
        CHECK(fixture.train_loss() == noted);
        CHECK(noted.second == std::vector<double>{4, 4});
    }
}

TEST_CASE("outside of a train gradient the built-in cotangent notes nothing") {
    const auto l = regression();
    SessionFixture fixture(l);
    const auto b = some_rows(3, l);
    const auto w = fixture.net().initial();
    const auto logits = fixture.net().logits(w, b.x, Mode::eval);
    const auto d = loss_cotangent(fixture.net(), logits, b);
    CHECK(largest(d.sum(-1).to_vector()) < 1e-6); // softmax - one-hot
    gradient(
        fixture.net(), w, b, [&](const Tensor& f) { return loss_cotangent(fixture.net(), f, b); },
        Mode::eval);
    CHECK(fixture.train_loss().second == std::vector<double>{0, 0});
}

TEST_CASE("what a cotangent throws comes out as it was thrown; a wrong shape is told") {
    const auto l = regression();
    SessionFixture fixture(l);
    const auto b = some_rows(2, l);
    const auto w = fixture.net().initial();
    CHECK_THROWS_AS(gradient(fixture.net(), w, b,
                             [](const Tensor&) -> Tensor { throw std::out_of_range("mine"); }),
                    std::out_of_range);
    CHECK(refusal([&] {
              gradient(fixture.net(), w, b, [](const Tensor& f) { return f.sum(1); });
          }) == "gradient: the cotangent is [2, 3]; give one of the logits' shape [2, 2, 3]");
    CHECK(refusal([&] { gradient(fixture.net(), w, b, [](const Tensor&) { return Tensor(); }); }) ==
          "gradient: the cotangent is missing; give one of the logits' shape [2, 2, 3]");
}

TEST_CASE("a row's gradient is that of a batch in which it is alone") {
    for (const char* network : {"mlp", "zenke-cnn"}) {
        Layout l{.hidden = {4}, .seeds = {3, 4}, .network = network};
        if (l.network == "zenke-cnn") l.features = 192, l.image = {3, 8, 8};
        SessionFixture fixture(l);
        const int64_t n = 3, columns = fixture.net().columns();
        const auto b = some_rows(n, l);
        const auto w = fixture.net().initial();
        const auto rows = gradients_of_rows(fixture.net(), w, b);
        CHECK(rows.shape() == std::vector<int64_t>{2, n, columns});
        for (int64_t k = 0; k < n; ++k) {
            const Batch alone{b.x.narrow(1, k, 1), b.y.narrow(1, k, 1), b.task.narrow(1, k, 1),
                              b.weight.narrow(1, k, 1), 1};
            CHECK(distance(rows.select(1, k).to_vector(),
                           fixture.net().gradient(w, alone, Mode::eval).to_vector()) < 1e-5);
        }
        CHECK(distance(rows.mean(1).to_vector(),
                       fixture.net().gradient(w, b, Mode::eval).to_vector()) < 1e-5);
    }
}

TEST_CASE("rows' gradients of a logit are the inputs, in the row of its class") {
    const auto l = regression();
    SessionFixture fixture(l);
    const auto b = some_rows(2, l);
    const auto second = (zeros({2, 2, 3}) + range(3)) == 1;
    const auto rows =
        gradients_of_rows(fixture.net(), fixture.net().initial(), b, second.to(DType::float32));
    CHECK(rows.narrow(2, 3, 3).to_vector() == b.x.to_vector());
    CHECK(largest(rows.narrow(2, 0, 3).to_vector()) == 0);
    CHECK(refusal([&] {
              gradients_of_rows(fixture.net(), fixture.net().initial(), b, zeros({2, 3, 3}));
          }) == "gradients_of_rows: cotangents are [2, 3, 3]; give [2, 2, 3]");
}
