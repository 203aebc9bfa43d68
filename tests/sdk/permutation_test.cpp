// SPDX-License-Identifier: Apache-2.0
// Permuted networks: what does not change, what composes, the adjoint, and the assignment problem
// against every permutation.
#include "catch.hpp"

#include <numeric>

#include <mneme/autograd.hpp>
#include <mneme/permutation.hpp>

#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

const Layout deep{.features = 5, .hidden = {10, 7}, .seeds = {1, 2, 3}};

Permutations hard(const SessionFixture& fixture, const Random& source) {
    Permutations p;
    for (int64_t n : fixture.net().groups()) p.push_back(source.permutation(n));
    return p;
}
Permutations matrices(const Permutations& p, DType type = DType::float32) {
    Permutations out;
    for (const auto& one : p) out.push_back(matrix_of(one, type));
    return out;
}
Permutations drawn(const SessionFixture& fixture, uint32_t which, DType type) {
    Permutations p;
    for (int64_t n : fixture.net().groups())
        p.push_back(tensor(numbers(fixture.net().replicas() * n * n, which++),
                           {fixture.net().replicas(), n, n}, type));
    return p;
}

double value_of(const std::vector<double>& value, const std::vector<int64_t>& at) {
    double sum = 0;
    for (std::size_t i = 0; i < at.size(); ++i)
        sum += value[i * at.size() + static_cast<std::size_t>(at[i])];
    return sum;
}

} // namespace

TEST_CASE("permutation: a hard one leaves the outputs as they are") {
    SessionFixture fixture(deep);
    const auto w = fixture.net().initial();
    const auto p = hard(fixture, fixture.setup().random("hidden"));
    const auto moved = permuted(fixture.net().layers(), w.theta, p);
    CHECK(moved.to_vector() != w.theta.to_vector());
    const auto x = tensor(numbers(20 * 5, 1), {20, 5}, DType::float32);
    CHECK(largest((fixture.net().logits(w, x, Mode::eval) -
                   fixture.net().logits({moved, w.stats}, x, Mode::eval))
                      .to_vector()) < 1e-5);
}

TEST_CASE("permutation: a hard one leaves convolutional and residual networks as they are") {
    // Running statistics are no part of theta: those at the start are the same for every channel,
    // and a batch's own need none.
    for (const char* kind : {"zenke-cnn", "resnet18"})
        for (const Mode mode : {Mode::eval, Mode::batch_stats}) {
            INFO(kind);
            const std::vector<int64_t> image{3, 16, 16};
            const int64_t features = 768;
            SessionFixture fixture(
                {.features = features, .seeds = {1, 2}, .network = kind, .image = image});
            const auto w = fixture.net().initial();
            const auto moved = permuted(fixture.net().layers(), w.theta,
                                        hard(fixture, fixture.setup().random("hidden")));
            CHECK(moved.to_vector() != w.theta.to_vector());
            const auto x = tensor(numbers(6 * features, 1), {6, features}, DType::float32);
            const auto before = fixture.net().logits(w, x, mode),
                       after = fixture.net().logits({moved, w.stats}, x, mode);
            CHECK(largest(before.to_vector()) > 0);
            CHECK(largest((before - after).to_vector()) < 1e-5);
        }
}

TEST_CASE("permutation: soft matrices that are hard move the same numbers") {
    SessionFixture fixture(deep);
    const auto theta = fixture.net().initial().theta;
    const auto p = hard(fixture, fixture.setup().random("hidden"));
    CHECK(permuted(fixture.net().layers(), theta, matrices(p)).to_vector() ==
          permuted(fixture.net().layers(), theta, p).to_vector());
}

TEST_CASE("permutation: Q after P is QP, bit for bit") {
    SessionFixture fixture(deep);
    const auto theta = fixture.net().initial().theta;
    const auto& layers = fixture.net().layers();
    const auto source = fixture.setup().random("hidden");
    const auto p = hard(fixture, source), q = hard(fixture, source);
    CHECK(p[0].to_vector() != q[0].to_vector());
    const auto both = composed(q, p);
    CHECK(permuted(layers, permuted(layers, theta, p), q).to_vector() ==
          permuted(layers, theta, both).to_vector());
    CHECK(matrix_of(both[0]).to_vector() == matrix_of(q[0]).matmul(matrix_of(p[0])).to_vector());
}

TEST_CASE("permutation: the adjoint is what recording says") {
    SessionFixture fixture(deep);
    const auto theta = fixture.net().initial().theta.to(DType::float64);
    const auto g = tensor(numbers(theta.numel(), 9), theta.shape());
    const auto p = drawn(fixture, 3, DType::float64);
    const auto by_hand = permuted_gradient(fixture.net().layers(), theta, p, g);
    const auto recorded = mneme::derivative(
        p,
        [&](const Permutations& q) { return border::permuted(fixture.net().layers(), theta, q); },
        g);
    for (std::size_t k = 0; k < p.size(); ++k)
        CHECK(distance(by_hand[k].to_vector(), recorded[k].to_vector()) < 1e-12);
}

TEST_CASE("permutation: channels of a convolution, and blocks of columns behind a flattening") {
    const SessionFixture fixture(deep);
    // A convolution of 3 channels to 4 with kernels 2 x 2, its scale, and a linear layer of 4
    // channels of 6 pixels to 5 classes.
    const std::vector<Layer> layers{{"conv", {4, 3, 2, 2}, 0, 48, 12, LayerKind::weight, -1, 0},
                                    {"scale", {4}, 48, 4, 4, LayerKind::scale, -1, 0},
                                    {"second", {4, 4, 1, 2}, 64, 32, 8, LayerKind::weight, 0, 1},
                                    {"head", {5, 24}, 96, 120, 24, LayerKind::weight, 1, -1}};
    const int64_t columns = 224;
    const auto theta = range(columns).unsqueeze(0).to(DType::float64);
    const std::vector<int64_t> first{2, 0, 3, 1}, second{3, 2, 0, 1};
    const Permutations p{Tensor::of(first, {1, 4}), Tensor::of(second, {1, 4})};
    auto wanted = theta.to_vector();
    const auto at = [](int64_t k) { return static_cast<std::size_t>(k); };
    for (int64_t o = 0; o < 4; ++o) {
        for (int64_t k = 0; k < 12; ++k)
            wanted[at(o * 12 + k)] = static_cast<double>(first[at(o)] * 12 + k);
        wanted[at(48 + o)] = static_cast<double>(48 + first[at(o)]);
        for (int64_t i = 0; i < 4; ++i)
            for (int64_t k = 0; k < 2; ++k)
                wanted[at(64 + (o * 4 + i) * 2 + k)] =
                    static_cast<double>(64 + (second[at(o)] * 4 + first[at(i)]) * 2 + k);
        for (int64_t c = 0; c < 5; ++c)
            for (int64_t k = 0; k < 6; ++k)
                wanted[at(96 + c * 24 + o * 6 + k)] =
                    static_cast<double>(96 + c * 24 + second[at(o)] * 6 + k);
    }
    CHECK(permuted(layers, theta, p).to_vector() == wanted);
    CHECK(permuted(layers, theta, matrices(p, DType::float64)).to_vector() == wanted);
    const auto g = tensor(numbers(columns, 2), {1, columns});
    const auto soft =
        Permutations{tensor(numbers(16, 5), {1, 4, 4}), tensor(numbers(16, 6), {1, 4, 4})};
    const auto by_hand = permuted_gradient(layers, theta, soft, g);
    const auto recorded = mneme::derivative(
        soft, [&](const Permutations& q) { return border::permuted(layers, theta, q); }, g);
    for (std::size_t k = 0; k < 2; ++k)
        CHECK(distance(by_hand[k].to_vector(), recorded[k].to_vector()) < 1e-12);
}

TEST_CASE("permutation: a replica's bits do not depend on its neighbours") {
    for (int64_t n : {10, 24, 256}) {
        INFO("n " << n);
        Layout l{.features = 20, .hidden = {n, n}, .seeds = {1, 2, 3}};
        std::vector<double> soft, theirs, theta, g;
        std::vector<std::vector<double>> slopes;
        Permutations p;
        {
            const SessionFixture fixture(l);
            const auto w = fixture.net().initial().theta;
            p = drawn(fixture, 3, DType::float32);
            theta = w.to_vector(), g = numbers(w.numel(), 8);
            soft = permuted(fixture.net().layers(), w, p).to_vector();
            for (const auto& d : permuted_gradient(fixture.net().layers(), w, p,
                                                   tensor(g, w.shape(), DType::float32)))
                slopes.push_back(d.to_vector());
        }
        l.seeds = {1};
        const SessionFixture fixture(l);
        const auto columns = fixture.net().columns();
        const auto own = [](const std::vector<double>& all, int64_t r, int64_t size) {
            return std::vector<double>(all.begin() + r * size, all.begin() + (r + 1) * size);
        };
        for (int64_t r : {0, 1, 2}) {
            const auto w = tensor(own(theta, r, columns), {1, columns}, DType::float32),
                       gr = tensor(own(g, r, columns), {1, columns}, DType::float32);
            Permutations mine;
            for (const auto& one : p) mine.push_back(one.narrow(0, r, 1));
            CHECK(permuted(fixture.net().layers(), w, mine).to_vector() == own(soft, r, columns));
            const auto d = permuted_gradient(fixture.net().layers(), w, mine, gr);
            for (std::size_t k = 0; k < d.size(); ++k)
                CHECK(d[k].to_vector() == own(slopes[k], r, n * n));
        }
    }
}

TEST_CASE("assignment: no permutation is better, up to six units") {
    for (int64_t n = 1; n <= 6; ++n)
        for (uint32_t draw = 0; draw < 20; ++draw) {
            auto value = numbers(n * n, 100 + draw);
            if (draw % 2) // ties
                for (double& v : value) v = std::round(v);
            std::vector<int64_t> each(static_cast<std::size_t>(n));
            std::iota(each.begin(), each.end(), 0);
            double best = -1e300;
            do best = std::max(best, value_of(value, each));
            while (std::next_permutation(each.begin(), each.end()));
            auto found = assignment(value.data(), n);
            CHECK(value_of(value, found) == Approx(best).margin(1e-12));
            std::sort(found.begin(), found.end());
            std::iota(each.begin(), each.end(), 0);
            CHECK(found == each);
        }
}

TEST_CASE("assignment: a hidden permutation of 200 units; what is not finite moves nothing") {
    std::vector<int64_t> hidden(200);
    for (std::size_t k = 0; k < 200; ++k)
        hidden[k] = static_cast<int64_t>(k * 77 % 200); // 77 and 200 share no factor
    auto value = numbers(200 * 200, 5);
    for (std::size_t k = 0; k < 200; ++k)
        value[k * 200 + static_cast<std::size_t>(hidden[k])] += 20;
    CHECK(assignment(value.data(), 200) == hidden);
    value[17] = std::numeric_limits<double>::quiet_NaN();
    std::iota(hidden.begin(), hidden.end(), 0);
    CHECK(assignment(value.data(), 200) == hidden);
}
