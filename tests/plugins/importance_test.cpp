// SPDX-License-Identifier: Apache-2.0
// Benzing's measures: the path integrals and their sum, running squares, closed forms of two
// classes.
#include "catch.hpp"

#include <cmath>
#include <map>

#include "importance_fixture.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

// What a measure says of two classes with p = (q, 1 - q), on the bias of the first logit.
double measured(const std::string& measure, double q, double sum_of_c = 0) {
    Layout one = two_classes();
    one.bias = true;
    SessionFixture fixture(one);
    fixture.set_examples(0, {{0, 0}, {0}}); // one example, x = 0: the logits are the biases
    PluginLearner learner(fixture, "importance", {{"measure", measure}});
    learner.begin_task(0);
    const auto bias = static_cast<std::size_t>(fixture.net().layers().at(1).offset);
    auto theta = nothing(fixture);
    theta[bias] = std::log(q / (1 - q)) + sum_of_c, theta[bias + 1] = sum_of_c;
    learner.put("weights.theta", theta);
    learner.end_task(0);
    const auto omega = learner.state().at("omega");
    CHECK(omega[0] == 0); // a weight whose input is 0
    return omega[bias];
}

} // namespace

TEST_CASE("importance: two classes in closed form") {
    for (double q : {0.03, 0.3, 0.5, 0.7, 0.96}) {
        INFO("q = " << q);
        const auto near = [](double a, double b) { return std::abs(a - b) < 1e-6; };
        CHECK(near(measured("af", q), 2 * q * (1 - q)));
        CHECK(near(measured("fisher", q), q * (1 - q)));
        CHECK(near(measured("rf", q), std::sqrt(q * (1 - q))));
        CHECK(near(measured("mas", q), 2 * q * (1 - q) * std::abs(2 * q - 1)));
        if (q != 0.5) CHECK(near(measured("masx", q), 2 * q * (1 - q) * std::max(q, 1 - q)));
        const double f = std::log(q / (1 - q));
        CHECK(near(measured("mas2", q), 2 * std::abs(f)));
        CHECK(near(measured("mas2", q, 1),
                   2 * std::abs(f + 1))); // logits, unlike probabilities, know a shift of all
        CHECK(near(measured("mas", q, 1), measured("mas", q)));
        if (q != 0.5) CHECK(near(measured("masx2", q, 3.5), q > 0.5 ? 2 * (f + 3.5) : 0));
    }
}

TEST_CASE("importance: with the same batches the path of si is that of siu and that of sib") {
    for (const Json& train : {adam, plain}) {
        std::map<std::string, Vector> w;
        Vector theta;
        for (const std::string measure : {"si", "siu", "sib"}) {
            Course course("importance", {{"measure", measure}, {"c", 0}}, train);
            course.learner.begin_task(0);
            CHECK(course.companion(0) == (measure != "si"));
            for (uint32_t k = 0; k < 9; ++k) course.observe(0, k, measure != "si");
            w[measure] = course.learner.state().at("~w");
            if (theta.empty()) theta = course.learner.theta();
            CHECK(course.learner.theta() == theta);
            CHECK(largest(w[measure]) > 1e-4);
        }
        auto sum = w["siu"];
        for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += w["sib"][k];
        CHECK(distance(sum, w["si"]) < 1e-6);
    }
}

TEST_CASE(
    "importance: w and v from the steps that were made, with gradients that dropout does not "
    "touch") {
    for (const double dropout : {0.0, 0.4})
        for (const std::string measure : {"si", "siu", "sib", "sos"})
            for (const double alpha : {0.0, 0.7}) {
                if (alpha > 0 && measure != "sos") continue;
                INFO(measure << ", dropout " << dropout << ", alpha " << alpha);
                Layout on = layout;
                on.dropout = dropout;
                Json train = adam;
                train["dropout"] = dropout;
                Course course(
                    "importance",
                    {{"measure", measure}, {"c", 0.5}, {"xi", 0.05}, {"alpha", alpha}, {"b2", 0.9}},
                    train, on);
                Vector omega(course.learner.theta().size());
                for (int64_t t = 0; t < 2; ++t) {
                    course.learner.begin_task(t);
                    CHECK(largest(course.learner.state().at("~w")) == 0);
                    CHECK(course.companion(t) ==
                          (measure == "siu" || measure == "sib" || alpha > 0));
                    const auto start = course.learner.theta();
                    Vector w(start.size());
                    for (uint32_t k = 0; k < 6; ++k) {
                        const auto before = course.learner.theta();
                        const auto g1 = course.gradient(before, task_batch(t, k)),
                                   g2 = course.gradient(before, second(t, k));
                        course.observe(t, k, course.companion(t));
                        const auto after = course.learner.theta();
                        for (std::size_t i = 0; i < w.size(); ++i) {
                            const double d = after[i] - before[i];
                            if (measure == "sos")
                                w[i] = 0.9 * w[i] + 0.1 * std::pow(g1[i] - alpha * g2[i], 2);
                            else
                                w[i] -= (measure == "si"    ? g1[i]
                                         : measure == "siu" ? g2[i]
                                                            : g1[i] - g2[i]) *
                                        d;
                        }
                    }
                    CHECK(largest(w) > 1e-4);
                    CHECK(distance(course.learner.state().at("~w"), w) < 1e-4);
                    course.learner.end_task(t);
                    const auto end = course.learner.theta();
                    for (std::size_t i = 0; i < w.size(); ++i)
                        omega[i] +=
                            measure == "sos"
                                ? std::sqrt(w[i])
                                : std::max(0.0, w[i] / ((end[i] - start[i]) * (end[i] - start[i]) +
                                                        0.05));
                    CHECK(distance(course.omega(), omega) < 1e-4);
                    CHECK(course.learner.state().at("anchor") == end);
                }
            }
}

TEST_CASE("importance: sos of a gradient that does not change") {
    for (const double alpha : {0.0, 1.0}) {
        Course course("importance", {{"measure", "sos"}, {"alpha", alpha}},
                      {{"lr", 1e-30}}); // the weights stay where they are
        course.learner.begin_task(0);
        const auto g = course.gradient(course.learner.theta(), task_batch(0, 0)),
                   start = course.learner.theta();
        const auto same = task_batch(0, 0);
        constexpr int steps = 30;
        for (uint32_t k = 0; k < steps; ++k)
            course.learner.observe(same, 0, k, alpha > 0 ? &same : nullptr);
        CHECK(course.learner.theta() == start);
        auto wanted = g;
        for (double& v : wanted) v = alpha > 0 ? 0 : (1 - std::pow(0.999, steps)) * v * v;
        CHECK(distance(course.learner.state().at("~w"), wanted) < 1e-4);
        if (alpha > 0) CHECK(largest(course.learner.state().at("~w")) == 0);
    }
}

TEST_CASE("importance: what does not move has no importance, and no NaN") {
    for (const std::string measure : {"si", "siu", "sib", "sos"}) {
        Course course("importance", {{"measure", measure}});
        course.task(0, 0);
        CHECK(course.omega() == Vector(course.learner.theta().size(), 0));
    }
}
