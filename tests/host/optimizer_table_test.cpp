// SPDX-License-Identifier: Apache-2.0
// The update rules against the equations of optimizer.hpp, written as plain loops in double.
#include "catch.hpp"

#include <cmath>

#include "session_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

constexpr std::size_t replicas = 2, columns = 37,
                      size = replicas * columns; // no multiple of a vector's width
const std::vector<double> rates{0.1, 0.02};

struct Plain {
    Rule rule;
    double momentum, decay;
    std::vector<double> theta, first = std::vector<double>(size), second = first;
    int steps = 0;

    void step(const std::vector<double>& gradient, const std::vector<double>& mask) {
        ++steps;
        for (std::size_t k = 0; k < size; ++k) {
            const double lr = rates[k / columns];
            if (!mask.empty() && mask[k] == 0) continue;
            const double g = gradient[k] + (rule == Rule::adamw ? 0 : decay * theta[k]);
            if (rule == Rule::sgd) {
                first[k] = momentum * first[k] + g;
                theta[k] -= lr * first[k];
                continue;
            }
            if (rule == Rule::adamw) theta[k] -= lr * decay * theta[k];
            first[k] = 0.9 * first[k] + 0.1 * g;
            second[k] = 0.999 * second[k] + 0.001 * g * g;
            const double m = first[k] / (1 - std::pow(0.9, steps)),
                         v = second[k] / (1 - std::pow(0.999, steps));
            theta[k] -= lr * m / (std::sqrt(v) + 1e-8);
        }
    }
};

void agree(Rule rule, double momentum, double decay, bool masked) {
    INFO("rule " << int(rule) << ", momentum " << momentum << ", decay " << decay << ", mask "
                 << masked);
    SessionFixture fixture({.seeds = {1, 2}});
    const std::vector<int64_t> shape{replicas, columns};
    Plain plain{rule, momentum, decay, numbers(size, 1)};
    auto theta = tensor(plain.theta, shape, DType::float32);
    const auto start = theta.to_vector();
    Optimizer descend({.rule = rule,
                       .lr = tensor(rates, {replicas, 1}, DType::float32),
                       .momentum = momentum,
                       .weight_decay = decay},
                      theta);
    std::vector<double> mask;
    if (masked)
        for (double v : numbers(size, 2)) mask.push_back(v > 0);
    for (uint32_t k = 0; k < 5; ++k) {
        const auto gradient = numbers(size, 10 + k);
        plain.step(gradient, mask);
        descend(theta, tensor(gradient, shape, DType::float32),
                {.mask = masked ? tensor(mask, shape) > 0 : Tensor()});
    }
    const auto out = theta.to_vector();
    CHECK(distance(out, plain.theta) < 2e-6);
    std::size_t still = 0;
    for (std::size_t k = 0; k < size; ++k) still += out[k] == start[k];
    CHECK(still == (masked ? static_cast<std::size_t>(std::count(mask.begin(), mask.end(), 0))
                           : 0)); // frozen entries keep their bits
}

} // namespace

TEST_CASE("update rules agree with plain loops") {
    for (bool masked : {false, true})
        for (double decay : {0.0, 0.3}) {
            agree(Rule::sgd, 0, decay, masked);
            agree(Rule::sgd, 0.8, decay, masked);
            agree(Rule::adam, 0, decay, masked);
            agree(Rule::adamw, 0, decay, masked);
        }
}

TEST_CASE(
    "a step carries a penalty and a path: the same as by hand, to the last bit of the penalty's "
    "formula") {
    SessionFixture fixture({.seeds = {1, 2}});
    constexpr int64_t wide = 5000; // more than one part
    const std::vector<int64_t> shape{2, wide};
    const auto drawn = [&](uint32_t which) {
        return tensor(numbers(2 * wide, which), shape, DType::float32);
    };
    const auto importance = drawn(1).abs(), anchor = drawn(2), g = drawn(3), along = drawn(4),
               strength = tensor({0.7, 0}, {2, 1}, DType::float32);
    for (Rule rule : {Rule::sgd, Rule::adam, Rule::adamw})
        for (double clip : {0.0, 0.05})
            for (bool masked : {false, true})
                for (bool own : {true, false}) {
                    INFO("rule " << int(rule) << ", clip " << clip << ", mask " << masked
                                 << ", along g " << own);
                    const Recipe recipe{.rule = rule,
                                        .lr = tensor(rates, {2, 1}, DType::float32),
                                        .momentum = 0.5,
                                        .weight_decay = 0.1};
                    const auto mask = masked ? drawn(5) > 0 : Tensor();
                    auto theta = drawn(6), other = theta.clone(), path = drawn(7),
                         expected = path.clone();
                    Optimizer fused(recipe, theta), plain(recipe, other);
                    for (int k = 0; k < 3; ++k) {
                        fused(theta, g,
                              {.importance = importance,
                               .anchor = anchor,
                               .strength = strength,
                               .clip = clip,
                               .mask = mask,
                               .path = path,
                               .along = own ? Tensor() : along});
                        const auto before = other.clone(),
                                   p = 2 * strength * importance * (before - anchor);
                        plain(other, g + (clip > 0 ? p.clamp(-clip, clip) : p), {.mask = mask});
                        expected.add_((own ? g : along) * (other - before), -1);
                    }
                    CHECK(theta.to_vector() == other.to_vector());
                    CHECK(distance(path.to_vector(), expected.to_vector()) < 1e-6);
                    CHECK(largest((path - drawn(7)).to_vector()) > 0.01);
                }
    auto theta = zeros({2, 4});
    Optimizer descend({.lr = zeros({2, 1}) + 0.1}, theta);
    CHECK(refusal([&] { descend(theta, theta, {.importance = theta}); }) ==
          "optimizer: anchor is missing; the penalty needs it");
    CHECK(refusal([&] {
              descend(theta, theta, {.path = zeros({2, 3})});
          }) ==
          "optimizer: path does not fit theta; it must be contiguous float32 of 2 x 4 on theta's "
          "device");
}

TEST_CASE("a cosine over a phase: lr/2 (1 + cos(pi k / K)) at step k, with a fresh state") {
    SessionFixture fixture({.seeds = {1, 2}});
    auto theta = zeros({2, 4});
    Optimizer descend({.lr = tensor({0.5, 2}, {2, 1}, DType::float32), .momentum = 0.9}, theta);
    descend(theta, zeros({2, 4}) + 1);
    for (int round = 0; round < 2; ++round) {
        descend.begin(Phase{.epochs = 2, .steps = 5});
        for (int k = 0; k < 10; ++k) {
            const auto before = theta.clone();
            descend(theta, zeros({2, 4}) + (k == 0 ? 1 : 0));
            const double factor = 0.5 * (1 + std::cos(3.141592653589793 * k / 10));
            CHECK(distance(descend.rate().to_vector(), {0.5 * factor, 2 * factor}) <
                  3e-6); // 1 + cos cancels at the end, in float32
            if (k == 0)
                CHECK(distance((before - theta).to_vector(), {0.5, 0.5, 0.5, 0.5, 2, 2, 2, 2}) <
                      1e-6); // no momentum of before
        }
    }
}

TEST_CASE("decay tells adam from adamw") {
    SessionFixture fixture({.seeds = {1, 2}});
    std::vector<std::vector<double>> ends;
    for (Rule rule : {Rule::adam, Rule::adamw}) {
        auto theta = tensor(numbers(size, 1), {replicas, columns}, DType::float32);
        Optimizer descend(
            {.rule = rule, .lr = tensor(rates, {replicas, 1}, DType::float32), .weight_decay = 0.3},
            theta);
        for (uint32_t k = 0; k < 5; ++k)
            descend(theta, tensor(numbers(size, 10 + k), {replicas, columns}, DType::float32));
        ends.push_back(theta.to_vector());
    }
    CHECK(distance(ends[0], ends[1]) > 1e-3);
}

TEST_CASE("what does not fit theta is refused") {
    SessionFixture fixture({.seeds = {1, 2}});
    auto theta = zeros({2, 4});
    Recipe recipe{.lr = zeros({2, 1}) + 0.1};
    const auto said = [&](Recipe r, const Tensor& like, const Tensor& gradient) {
        return refusal([&] { Optimizer(r, like)(theta, gradient); });
    };
    CHECK(said(recipe, theta, zeros({2, 5})) ==
          "optimizer: gradient does not fit theta; it must be contiguous float32 of 2 x 4 on "
          "theta's device");
    CHECK(said(recipe, theta, zeros({2, 4}, DType::float64)) ==
          "optimizer: gradient does not fit theta; it must be contiguous float32 of 2 x 4 on "
          "theta's device");
    auto momentum = recipe;
    momentum.momentum = 0.5;
    CHECK(said(momentum, zeros({2, 3}), zeros({2, 4})) ==
          "optimizer: first moment does not fit theta; it must be contiguous float32 of 2 x 4 on "
          "theta's device");
    auto one_rate = recipe;
    one_rate.lr = zeros({1, 1}) + 0.1;
    CHECK(said(one_rate, theta, zeros({2, 4})) ==
          "optimizer: lr does not fit theta; it must be contiguous float32 of 2 x 1 on theta's "
          "device");
    const auto lr = recipe.lr;
    mneme_update update{};
    update.size = sizeof update, update.rule = MNEME_ADAM;
    update.beta1 = 0.9, update.beta2 = 0.999, update.epsilon = 1e-8;
    update.lr = update.weight_decay = update.steps = lr.handle();
    const auto step = [&] {
        border::call(border::tables.optimizer->step, static_cast<const mneme_update*>(&update),
                     theta.handle(), theta.handle());
    };
    CHECK(refusal(step) == "optimizer: first moment is missing; this rule needs it");
    CHECK(lr.to_vector() ==
          std::vector<double>(2, static_cast<double>(0.1f))); // the count of steps stays as it was
    update.rule = 7;
    CHECK(refusal(step) == "optimizer: rule 7 is not known to this host; 0 to 2");
    CHECK(theta.to_vector() == std::vector<double>(8, 0));
}
