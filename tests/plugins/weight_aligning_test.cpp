// SPDX-License-Identifier: Apache-2.0
// Weight aligning: lengths of the head's rows after a task, and the slope of its loss.
#include "catch.hpp"

#include <cmath>

#include "plugin_batches.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;

Layout classes() {
    return {.features = 3,
            .seeds = {1, 2},
            .scenario = "class",
            .classes = 4,
            .tasks = {{0, 1}, {2, 3}}};
}

double length(const Vector& theta, const Net& net, int64_t replica, int64_t c) {
    const auto& layer = net.layers().at(0);
    double sum = 0;
    for (int64_t j = 0; j < 3; ++j) {
        const double w = theta[std::size_t(replica * net.columns() + layer.offset + 3 * c + j)];
        sum += w * w;
    }
    return std::sqrt(sum);
}

} // namespace

TEST_CASE("weight_aligning: at a task's end new rows are as long as the old ones, in the mean") {
    for (bool align : {true, false}) {
        SessionFixture fixture(classes());
        for (int64_t t : {0, 1})
            fixture.set_examples(t, make_task_data(8, 3, {2 * t, 2 * t + 1}, 1));
        PluginLearner wa(fixture, "weight_aligning", {{"memory", 4}, {"align", align}},
                         {{"lr", 0.5}});
        wa.begin_task(0);
        wa.observe(batch(2, numbers(12, 1), {0, 1, 0, 1}, {0, 0, 0, 0}), 0, 0);
        const auto first = wa.theta();
        wa.end_task(0);
        CHECK(wa.theta() == first);
        wa.begin_task(1);
        wa.observe(batch(2, numbers(12, 2), {2, 3, 2, 3}, {1, 1, 1, 1}), 1, 0);
        const auto before = wa.theta();
        wa.end_task(1);
        const auto after = wa.theta();
        if (!align) CHECK(after == before);
        for (int64_t s = 0; align && s < 2; ++s) {
            const auto of = [&](const Vector& theta, int64_t c) {
                return length(theta, fixture.net(), s, c);
            };
            const double gamma = (of(before, 0) + of(before, 1)) / (of(before, 2) + of(before, 3));
            CHECK(std::abs(gamma - 1) > 1e-3);
            for (int64_t c : {0, 1}) CHECK(of(after, c) == of(before, c));
            for (int64_t c : {2, 3}) CHECK(of(after, c) == Approx(gamma * of(before, c)));
            CHECK(of(after, 2) + of(after, 3) == Approx(of(after, 0) + of(after, 1)));
        }
    }
}

TEST_CASE("weight_aligning: at theta* its slope is (1 - lambda) times that of replay") {
    SessionFixture fixture(classes()), other(classes());
    for (SessionFixture* d : {&fixture, &other})
        for (int64_t t : {0, 1}) d->set_examples(t, make_task_data(8, 3, {2 * t, 2 * t + 1}, 1));
    const Json train = {{"lr", 0.5}, {"momentum", 0}, {"weight_decay", 0}};
    PluginLearner wa(fixture, "weight_aligning",
                     {{"policy", "class_balanced"}, {"memory_batch", 2}}, train),
        er(other, "er", {{"policy", "class_balanced"}, {"memory_batch", 2}}, train);
    for (PluginLearner* s : {&wa, &er}) s->begin_task(0), s->end_task(0), s->begin_task(1);
    const auto before = wa.theta();
    const auto b = batch(2, numbers(12, 2), {2, 3, 2, 3}, {1, 1, 1, 1});
    wa.observe(b, 1, 0), er.observe(b, 1, 0);
    auto moved = wa.theta(), whole = er.theta();
    for (std::size_t k = 0; k < moved.size(); ++k) {
        moved[k] -= before[k];
        whole[k] = (whole[k] - before[k]) / 2; // lambda = 2 old classes of 4
    }
    CHECK(largest(whole) > 1e-3);
    CHECK(distance(moved, whole) < 1e-5);
}

TEST_CASE("weight_aligning: where every task has all classes, none is old, and it is replay") {
    const Layout domain{.features = 3,
                        .seeds = {1, 2},
                        .scenario = "domain",
                        .classes = 4,
                        .tasks = {{0, 1, 2, 3}, {0, 1, 2, 3}}};
    SessionFixture fixture(domain), other(domain);
    for (SessionFixture* d : {&fixture, &other})
        for (int64_t t : {0, 1}) d->set_examples(t, make_task_data(8, 3, {0, 1, 2, 3}, 1));
    const Json train = {{"lr", 0.5}, {"momentum", 0}, {"weight_decay", 0}};
    PluginLearner wa(fixture, "weight_aligning",
                     {{"policy", "class_balanced"}, {"memory_batch", 4}}, train),
        er(other, "er", {{"policy", "class_balanced"}, {"memory_batch", 4}}, train);
    const auto first = wa.theta();
    for (PluginLearner* s : {&wa, &er}) {
        for (int64_t t : {0, 1}) {
            s->begin_task(t);
            s->observe(batch(2, numbers(12, uint32_t(t) + 2), {2, 3, 0, 1}, {t, t, t, t}), t, 0);
            s->end_task(t);
        }
    }
    CHECK(distance(wa.theta(), first) > 1e-3);
    CHECK(distance(wa.theta(), er.theta()) < 1e-6);
}
