// SPDX-License-Identifier: Apache-2.0
// What Benzing's measures do to training: the pull, the methods they are kin to, weights drawn
// again, heads.
#include "catch.hpp"

#include <cmath>

#include "importance_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

TEST_CASE(
    "importance: c = 0 is plain descent with the same [train], bit for bit, for every measure") {
    for (const auto& measure : measures) {
        INFO(measure);
        Json train = adam;
        train["dropout"] = 0.25;
        Layout on = layout;
        on.dropout = 0.25;
        Course with("importance", {{"measure", measure}, {"c", 0}, {"alpha", 1}, {"samples", 10}},
                    train, on);
        Json told = train;
        told["optimizer"] = "adam";
        Course naive("finetune", Json::object(), told, on),
            tied("importance", {{"measure", measure}, {"c", 5}, {"alpha", 1}}, train, on);
        for (int64_t t = 0; t < 3; ++t) with.task(t), naive.task(t), tied.task(t);
        CHECK(with.learner.theta() == naive.learner.theta());
        CHECK(tied.learner.theta() != naive.learner.theta());
        for (double v : with.omega()) CHECK(v >= 0);
        CHECK(largest(with.omega()) > 0);
    }
}

TEST_CASE(
    "importance: si, mas and fisher are the plugins si, mas (probabilities) and ewc_online "
    "(exact)") {
    struct {
        Json options;
        const char* plugin;
        Json theirs;
        const char* importance;
    } const kin[] = {
        {{{"measure", "si"}, {"c", 0.3}}, "si", {{"c", 0.3}}, "omega"},
        {{{"measure", "mas"}, {"c", 0.3}}, "mas", {{"lambda", 0.3}, {"output", "probs"}}, "omega"},
        {{{"measure", "mas2"}, {"c", 0.3}}, "mas", {{"lambda", 0.3}}, "omega"},
        {{{"measure", "fisher"}, {"c", 0.3}}, "ewc_online", {{"lambda", 0.3}}, "f"}};
    for (const auto& k : kin) {
        INFO(k.options.dump() << " and " << k.plugin);
        Course ours("importance", k.options, plain),
            theirs(k.plugin, k.theirs, {{"lr", 0.25}, {"momentum", 0}});
        for (int64_t t = 0; t < 3; ++t) ours.task(t), theirs.task(t);
        CHECK(ours.learner.theta() == theirs.learner.theta());
        CHECK(ours.omega() == theirs.learner.state().at(k.importance));
        CHECK(largest(ours.omega()) > 0);
    }
}

TEST_CASE(
    "importance: the pull is the slope of c sum Omega (theta - anchor)^2 with one anchor, the last "
    "task's end") {
    for (const auto& measure : measures) {
        INFO(measure);
        Course course("importance", {{"measure", measure}, {"c", 3}}, plain);
        course.task(0), course.task(1);
        const auto omega = course.omega(), anchor = course.learner.theta();
        course.learner.begin_task(2);
        auto theta = anchor;
        const auto away = numbers(static_cast<int64_t>(theta.size()), 9);
        for (std::size_t k = 0; k < theta.size(); ++k)
            if (theta[k] != 0) theta[k] += away[k];
        course.learner.put("weights.theta", theta);
        const auto before = course.learner.theta();
        const auto none = weightless(course.fixture, 2);
        course.learner.observe(none, 2, 0, course.companion(2) ? &none : nullptr);
        auto moved = course.learner.theta();
        Vector wanted(moved.size());
        const auto value = [&](std::size_t k, double at) {
            return 3 * omega[k] * (at - anchor[k]) * (at - anchor[k]);
        };
        for (std::size_t k = 0; k < moved.size(); ++k) {
            moved[k] = (before[k] - moved[k]) / 0.25;
            wanted[k] = (value(k, before[k] + 1e-3) - value(k, before[k] - 1e-3)) /
                        2e-3; // no 1/2: by the value, not by a formula
        }
        CHECK(largest(wanted) > 1e-3);
        CHECK(distance(moved, wanted) < 1e-3);
    }
}

TEST_CASE(
    "importance: reinit draws the weights again at every task's start, and measures from there") {
    Course course("importance", {{"reinit", true}, {"c", 0}}),
        other("importance", {{"measure", "sos"}, {"reinit", true}, {"c", 0}});
    const auto bound =
        course.fixture.net()
            .per_column([](const Layer& l) { return 1 / std::sqrt(static_cast<double>(l.fan_in)); })
            .to_vector();
    auto last = course.learner.theta();
    for (int64_t t = 0; t < 3; ++t) {
        course.learner.begin_task(t), other.learner.begin_task(t);
        const auto drawn = course.learner.theta();
        CHECK(course.learner.state().at("~start") == drawn);
        CHECK(other.learner.theta() ==
              drawn); // the draw knows the seed, the task and the purpose, not the measure
        double most = 0, same = 0;
        for (std::size_t k = 0; k < drawn.size(); ++k) {
            const double b = bound[k % bound.size()];
            CHECK(std::abs(drawn[k]) <= b);
            if (b > 0) most = std::max(most, std::abs(drawn[k]) / b), same += drawn[k] == last[k];
        }
        CHECK(most > 0.8);
        CHECK(same == 0); // the first task's too, and each replica's own
        CHECK(drawn[0] != drawn[drawn.size() / 2]);
        for (uint32_t k = 0; k < 3; ++k) course.observe(t, k, false), other.observe(t, k, false);
        course.learner.end_task(t), other.learner.end_task(t);
        last = course.learner.theta();
    }
}

TEST_CASE("importance: the head of a multi-head stream is left out, unless asked for") {
    Layout heads = layout;
    heads.scenario = "task", heads.classes = 3, heads.tasks = {{0, 1}, {2, 1}, {0, 2}};
    const auto in_head = [](const Net& net, std::size_t k) {
        return static_cast<int64_t>(k) % net.columns() >=
               net.layers()[net.layers().size() - 2].offset;
    };
    const auto one = [](int64_t t, uint32_t k) {
        const std::vector<int64_t> y[] = {{0, 1, 1, 0}, {2, 1, 1, 2}, {0, 2, 2, 0}};
        return batch(2, numbers(2 * 2 * 3, 20 + k), y[t], std::vector<int64_t>(4, t));
    };
    for (const auto& measure : measures)
        for (const bool regularised : {false, true}) {
            INFO(measure << ", regularise_heads " << regularised);
            Course course(
                "importance",
                {{"measure", measure}, {"regularise_heads", regularised}, {"reinit", true}}, adam,
                heads);
            for (int64_t t = 0; t < 2; ++t) {
                const auto before = course.learner.theta();
                course.learner.begin_task(t);
                const auto drawn = course.learner.theta();
                for (std::size_t k = 0; k < drawn.size(); ++k)
                    if (before[k] != 0)
                        CHECK((drawn[k] == before[k]) ==
                              (!regularised && in_head(course.fixture.net(), k)));
                for (uint32_t k = 0; k < 4; ++k) {
                    const auto b = one(t, k), b2 = one(t, k + 50);
                    course.learner.observe(b, t, k, course.companion(t) ? &b2 : nullptr);
                }
                course.learner.end_task(t);
            }
            double head = 0, body = 0;
            const auto omega = course.omega();
            for (std::size_t k = 0; k < omega.size(); ++k) {
                double& most = in_head(course.fixture.net(), k) ? head : body;
                most = std::max(most, omega[k]);
            }
            CHECK((head > 0) == regularised);
            CHECK(body > 0);
        }
    Course single("importance", {{"measure", "mas"}});
    single.task(0);
    double head = 0;
    for (std::size_t k = 0; k < single.omega().size(); ++k)
        if (in_head(single.fixture.net(), k)) head = std::max(head, single.omega()[k]);
    CHECK(head > 0);
}
