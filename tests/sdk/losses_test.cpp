// SPDX-License-Identifier: Apache-2.0
// Losses that do not depend on neighbours, and which of LibTorch's operators do.
#include <mneme/losses.hpp>

#include <cmath>
#include <functional>

#include "catch.hpp"
#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Function = std::function<Tensor(const Tensor&)>;

// Does a replica get other bits beside others than alone? Tried at many sizes, since which entries
// a kernel treats apart depends on them.
bool depends_on_neighbours(const Function& f) {
    for (int64_t replicas : {2, 3, 5})
        for (int64_t n : {1, 3, 7, 10, 17, 30, 33, 100}) {
            const auto x = tensor(numbers(replicas * n, static_cast<uint32_t>(n)), {replicas, n},
                                  DType::float32);
            const auto all = f(x).to_vector();
            std::vector<double> each;
            for (int64_t s = 0; s < replicas; ++s)
                for (double v : f(x.narrow(0, s, 1).clone()).to_vector()) each.push_back(v);
            if (all != each) return true;
        }
    return false;
}

#define UNARY(name)                                                        \
    {                                                                      \
#name, [](const Tensor& x) { return MNEME_OP("aten::" #name)(x); } \
    }
#define OF_POSITIVE(name)                                                             \
    {                                                                                 \
#name, [](const Tensor& x) { return MNEME_OP("aten::" #name)(abs(x) + 0.1); } \
    }

// docs/write_a_plugin.md lists them.
const std::map<std::string, Function> unsafe{
    UNARY(sigmoid), UNARY(silu), UNARY(softplus),
    UNARY(gelu),    UNARY(elu),  {"pow", [](const Tensor& x) { return abs(x).pow(1.5); }}};
const std::map<std::string, Function> safe{
    UNARY(exp),
    UNARY(expm1),
    UNARY(tanh),
    UNARY(sin),
    UNARY(cos),
    UNARY(erf),
    UNARY(relu),
    UNARY(reciprocal),
    UNARY(square),
    UNARY(abs),
    UNARY(hardtanh),
    UNARY(log_sigmoid),
    OF_POSITIVE(log),
    OF_POSITIVE(log1p),
    OF_POSITIVE(sqrt),
    OF_POSITIVE(rsqrt),
    {"pow 2", [](const Tensor& x) { return x.pow(2); }},
    {"softmax", [](const Tensor& x) { return x.softmax(1); }},
    {"log_softmax", [](const Tensor& x) { return x.log_softmax(1); }},
    {"sum", [](const Tensor& x) { return x.sum(1, keepdim); }},
    {"mean", [](const Tensor& x) { return x.mean(1, keepdim); }},
    {"cumsum", [](const Tensor& x) { return x.cumsum(1); }},
    {"sigmoid of losses.hpp", [](const Tensor& x) { return sigmoid(x); }},
    {"softplus of losses.hpp", [](const Tensor& x) { return mneme::softplus(x); }},
    {"binary_cross_entropy", [](const Tensor& x) { return binary_cross_entropy(x, abs(x)); }}};

} // namespace

TEST_CASE("operators whose bits depend on the neighbours, and those that do not") {
    SessionFixture fixture({});
    for (const auto& [name, f] : safe) {
        INFO(name);
        CHECK_FALSE(depends_on_neighbours(f));
    }
    for (const auto& [name, f] : unsafe) {
        INFO(name);
        CHECK(depends_on_neighbours(f));
    }
}

TEST_CASE("sigmoid and cross-entropy at known points, and far out") {
    SessionFixture fixture({});
    const auto x = Tensor::of(std::vector<float>{0, 1, -1, 90, -90, 1000, -1000}, {1, 7});
    const auto s = sigmoid(x).to_vector();
    CHECK(s[0] == 0.5);
    CHECK(s[1] == Approx(1 / (1 + std::exp(-1.0))));
    CHECK(s[1] + s[2] == Approx(1));
    CHECK(s[3] == 1);
    CHECK(s[5] == 1);
    CHECK(s[6] == 0);
    const auto one = binary_cross_entropy(x, ones_like(x)).to_vector(),
               none = binary_cross_entropy(x, zeros_like(x)).to_vector();
    CHECK(one[0] == Approx(std::log(2)));
    CHECK(one[1] == Approx(std::log1p(std::exp(-1.0))));
    CHECK(none[1] == Approx(1 + one[1]));
    CHECK(one[6] == 1000);
    CHECK(none[6] == 0);
    CHECK(none[5] == 1000);
}

TEST_CASE("the derivative of binary cross-entropy is sigmoid(x) - t") {
    SessionFixture fixture({});
    const auto x = tensor(numbers(20, 3), {1, 20}), t = sigmoid(tensor(numbers(20, 4), {1, 20}));
    const double h = 1e-6;
    const auto slope =
        (binary_cross_entropy(x + h, t) - binary_cross_entropy(x - h, t)) * (1 / (2 * h));
    CHECK(distance(slope.to_vector(), (sigmoid(x) - t).to_vector()) < 1e-6);
}

TEST_CASE("softened: a softmax of z / T over the logits that count, and its slope") {
    SessionFixture fixture({});
    const auto counts = Tensor::of(std::vector<int64_t>{1, 0, 1}, {3}) > 0;
    const std::vector<double> z{1, 50, -2}, q{0.3, 0, 0.7};
    const auto p = softened(tensor(z, {1, 1, 3}), counts, 2).to_vector();
    const double first = 1 / (1 + std::exp(-1.5));
    CHECK(std::abs(p[0] - first) < 1e-12);
    CHECK(p[1] == 0);
    CHECK(std::abs(p[2] - (1 - first)) < 1e-12);
    const auto loss = [&](double at) {
        const auto s = softened(tensor({at, 50, -2}, {1, 1, 3}), counts, 2).to_vector();
        return -q[0] * std::log(s[0]) - q[2] * std::log(s[2]);
    };
    CHECK(std::abs((loss(1 + 1e-5) - loss(1 - 1e-5)) / 2e-5 - (p[0] - q[0]) / 2) < 1e-8);
}
