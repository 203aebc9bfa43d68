// SPDX-License-Identifier: Apache-2.0
// A task's training data as a method walks it, and the small arithmetic that the SDK adds to
// operators.
#include "catch.hpp"

#include <cmath>
#include <numeric>
#include <set>

#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

struct Walk {
    std::vector<std::vector<double>> pixels; // of each replica, in the order of the walk
    std::vector<double> shares;
    std::vector<int64_t> rows;
};

Walk walk(const Examples::Parts& parts, std::size_t replicas, const TaskData& data) {
    Walk w;
    w.pixels.resize(replicas);
    for (auto [batch, share] : parts) {
        w.shares.push_back(share), w.rows.push_back(batch.rows());
        CHECK(batch.current == batch.rows());
        CHECK(batch.weight.to_vector() ==
              std::vector<double>(replicas * static_cast<std::size_t>(batch.rows()), 1));
        const auto x = batch.x.to_vector(), y = batch.y.to_vector();
        CHECK(batch.x.shape() ==
              std::vector<int64_t>{static_cast<int64_t>(replicas), batch.rows(), 1});
        const auto n = static_cast<std::size_t>(batch.rows());
        for (std::size_t s = 0; s < replicas; ++s)
            for (std::size_t k = 0; k < n; ++k) {
                const double pixel = std::round(x[s * n + k] * 255);
                w.pixels[s].push_back(pixel);
                CHECK(y[s * n + k] ==
                      static_cast<double>(
                          data.labels[static_cast<std::size_t>(pixel)])); // the label came along
            }
    }
    return w;
}

TaskData counted(int64_t n) { // example k has pixel k and label k mod 3
    TaskData s;
    for (int64_t k = 0; k < n; ++k)
        s.pixels.push_back(static_cast<uint8_t>(k)), s.labels.push_back(k % 3);
    return s;
}

const Layout layout{.features = 1, .seeds = {1, 2, 3}};

} // namespace

TEST_CASE("a walk covers every example once, in file order; shares sum to 1") {
    SessionFixture fixture(layout);
    for (int64_t n : {1, 7, 100}) {
        const auto data = counted(n);
        fixture.set_examples(0, data);
        std::vector<double> all(static_cast<std::size_t>(n));
        std::iota(all.begin(), all.end(), 0);
        for (int64_t chunk : {1, 3, 7, 50, 250}) {
            const auto w = walk(fixture.task(0).train().batches(0, chunk), 3, data);
            for (const auto& pixels : w.pixels) CHECK(pixels == all);
            CHECK(std::accumulate(w.shares.begin(), w.shares.end(), 0.0) ==
                  Approx(1).epsilon(1e-12));
            CHECK(w.rows.size() == static_cast<std::size_t>((n + chunk - 1) / chunk));
            for (std::size_t k = 0; k < w.rows.size(); ++k)
                CHECK(w.shares[k] == double(w.rows[k]) / double(n));
        }
        CHECK(walk(fixture.task(0).train().batches(n + 5, 3), 3, data).pixels[0] ==
              all); // more than there are: all
    }
}

TEST_CASE("a walk over some examples takes each once, for each replica its own") {
    SessionFixture fixture(layout);
    const auto data = counted(60);
    fixture.set_examples(0, data);
    fixture.seek(0, 253, 0xFFFFFFFFu);
    const auto w = walk(fixture.task(0).train().batches(25, 10), 3, data);
    CHECK(w.rows == std::vector<int64_t>{10, 10, 5});
    CHECK(std::accumulate(w.shares.begin(), w.shares.end(), 0.0) == Approx(1).epsilon(1e-12));
    for (const auto& pixels : w.pixels) CHECK(std::set(pixels.begin(), pixels.end()).size() == 25);
    CHECK(w.pixels[0] != w.pixels[1]);
    const auto again =
        walk(fixture.task(0).train().batches(25, 10), 3, data); // the next call draws anew
    CHECK(again.pixels != w.pixels);
    fixture.seek(0, 253, 0xFFFFFFFFu);
    CHECK(walk(fixture.task(0).train().batches(25, 4), 3, data).pixels ==
          w.pixels); // whatever the parts
}

TEST_CASE("sample and per_class") {
    SessionFixture fixture(layout);
    const auto data = counted(20);
    fixture.set_examples(0, data);
    const auto train = fixture.task(0).train();
    CHECK(train.size() == 20);
    CHECK(train.sample(8).rows() == 8);
    CHECK(train.sample(99).rows() == 20);
    const auto some = train.per_class(2);
    CHECK(some.rows() == 6);
    for (int64_t c : {0, 1, 2})
        CHECK((some.y == c).to(DType::int64).sum(1).to_vector() == std::vector<double>(3, 2));
    CHECK(train.per_class(7).rows() == 20); // 7, 7 and 6
    CHECK(refusal([&] { train.per_class(0); }) == "draw: 0 examples; draw at least 1");
}

TEST_CASE("arithmetic with numbers on either side") {
    SessionFixture fixture({});
    const auto a = Tensor::of(std::vector<float>{1, -2, 4}, {3});
    CHECK((1 - a).to_vector() == std::vector<double>{0, 3, -3});
    CHECK((2 / a).to_vector() == std::vector<double>{2, -1, 0.5});
    CHECK((2 * a + 1).to_vector() == std::vector<double>{3, -3, 9});
    CHECK((-a).to_vector() == std::vector<double>{-1, 2, -4});
    auto b = a.clone();
    b += a, b -= 2 * a, b *= 3;
    CHECK(b.to_vector() == std::vector<double>{0, 0, 0});
    b.addcmul_(a, a, 0.5);
    CHECK(b.to_vector() == std::vector<double>{0.5, 2, 8});
    CHECK(a.to_vector() ==
          std::vector<double>{1, -2, 4}); // a clone is a thing of its own, a copy is not
    auto same = b;
    same.zero_();
    CHECK(b.to_vector() == std::vector<double>{0, 0, 0});
    CHECK(((a > 0) && !(a == 4)).to_vector() == std::vector<double>{1, 0, 0});
    CHECK(where(a > 0, a, zeros({3})).to_vector() == std::vector<double>{1, 0, 4});
    CHECK(range(4).to_vector() == std::vector<double>{0, 1, 2, 3});
}

TEST_CASE("layers lie in a row with zeros between them") {
    SessionFixture fixture({.features = 3, .hidden = {5}, .seeds = {1, 2}, .classes = 3});
    const auto& net = fixture.net();
    CHECK(net.parameters() == 3 * 5 + 5 + 5 * 3 + 3);
    CHECK(net.columns() % 16 == 0);
    const auto real = net.real().to_vector(), theta = net.initial().theta.select(0, 0).to_vector();
    CHECK(std::accumulate(real.begin(), real.end(), 0.0) == double(net.parameters()));
    for (std::size_t k = 0; k < real.size(); ++k) CHECK((theta[k] != 0) == (real[k] == 1));
    REQUIRE(net.layers().size() == 4);
    CHECK(net.layers()[2].shape == std::vector<int64_t>{3, 5});
    CHECK(net.layers()[2].in_group == 0);
    CHECK(net.layers()[2].out_group == -1);
    CHECK(net.groups() == std::vector<int64_t>{5});
}
