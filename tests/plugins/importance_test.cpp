// SPDX-License-Identifier: Apache-2.0
// Benzing's measures: the path integrals and their sum, running squares, closed forms of two
// classes, and the methods they are kin to.
#include "catch.hpp"

#include <cmath>
#include <map>

#include "lessons.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;
const std::vector<std::string> measures = {"si",   "siu",   "sib", "sos",    "mas", "mas2",
                                           "masx", "masx2", "af",  "fisher", "rf"};
const Json adam = {{"lr", 0.01}, {"batch_size", 4}}, plain = {{"optimizer", "sgd"}, {"lr", 0.25}};

constexpr int64_t rows = 18;
const Layout layout{.features = 3, .hidden = {4}, .seeds = {1, 2}};

Batch lesson(int64_t t, uint32_t k) {
    return batch(2, numbers(2 * 4 * 3, 20 + static_cast<uint32_t>(t) * 10 + k),
                 {0, 1, 2, 0, 2, 1, 1, 0}, std::vector<int64_t>(8, t));
}
Batch second(int64_t t, uint32_t k) { // the independent batch
    return batch(2, numbers(2 * 4 * 3, 520 + static_cast<uint32_t>(t) * 10 + k),
                 {1, 1, 2, 0, 0, 2, 1, 2}, std::vector<int64_t>(8, t));
}
Sheet data(int64_t t, const std::vector<int64_t>& classes = {0, 1, 2}) {
    return sheet(rows, 3, classes, static_cast<uint32_t>(50 + t));
}

struct Course { // a learner and three tasks' data
    explicit Course(const std::string& plugin, const Json& options, const Json& train = adam,
                    const Layout& on = layout)
        : desk(on), student((lay(), desk), plugin, options, train) {}
    void lay() {
        for (int64_t t = 0; t < 3; ++t)
            desk.lay(t, data(t, desk.layout().tasks[static_cast<std::size_t>(t)]));
    }
    bool companion(int64_t t) { return student.phases(t).at(0).companion; }
    void observe(int64_t t, uint32_t k, bool two) {
        const auto other = second(t, k);
        student.observe(lesson(t, k), t, k, two ? &other : nullptr);
    }
    void task(int64_t t, uint32_t steps = 5) {
        student.begin_task(t);
        const bool two = companion(t);
        for (uint32_t k = 0; k < steps; ++k) observe(t, k, two);
        student.end_task(t);
    }
    Vector gradient(const Vector& theta, const Batch& b) const { // without dropout
        const Weights w{tensor(theta, {2, desk.net().columns()}, DType::float32),
                        desk.net().initial().stats};
        return desk.net().gradient(w, b, Mode::eval).to_vector();
    }
    Vector omega() const { return student.state().at("omega"); }

    Desk desk;
    Student student;
};

// What a measure says of two classes with p = (q, 1 - q), on the bias of the first logit.
double measured(const std::string& measure, double q, double sum_of_c = 0) {
    Layout one = two_classes();
    one.bias = true;
    Desk desk(one);
    desk.lay(0, {{0, 0}, {0}}); // one example, x = 0: the logits are the biases
    Student student(desk, "importance", {{"measure", measure}});
    student.begin_task(0);
    const auto bias = static_cast<std::size_t>(desk.net().layers().at(1).offset);
    auto theta = nothing(desk);
    theta[bias] = std::log(q / (1 - q)) + sum_of_c, theta[bias + 1] = sum_of_c;
    student.put("weights.theta", theta);
    student.end_task(0);
    const auto omega = student.state().at("omega");
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
            course.student.begin_task(0);
            CHECK(course.companion(0) == (measure != "si"));
            for (uint32_t k = 0; k < 9; ++k) course.observe(0, k, measure != "si");
            w[measure] = course.student.state().at("~w");
            if (theta.empty()) theta = course.student.theta();
            CHECK(course.student.theta() == theta);
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
                Vector omega(course.student.theta().size());
                for (int64_t t = 0; t < 2; ++t) {
                    course.student.begin_task(t);
                    CHECK(largest(course.student.state().at("~w")) == 0);
                    CHECK(course.companion(t) ==
                          (measure == "siu" || measure == "sib" || alpha > 0));
                    const auto start = course.student.theta();
                    Vector w(start.size());
                    for (uint32_t k = 0; k < 6; ++k) {
                        const auto before = course.student.theta();
                        const auto g1 = course.gradient(before, lesson(t, k)),
                                   g2 = course.gradient(before, second(t, k));
                        course.observe(t, k, course.companion(t));
                        const auto after = course.student.theta();
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
                    CHECK(distance(course.student.state().at("~w"), w) < 1e-4);
                    course.student.end_task(t);
                    const auto end = course.student.theta();
                    for (std::size_t i = 0; i < w.size(); ++i)
                        omega[i] +=
                            measure == "sos"
                                ? std::sqrt(w[i])
                                : std::max(0.0, w[i] / ((end[i] - start[i]) * (end[i] - start[i]) +
                                                        0.05));
                    CHECK(distance(course.omega(), omega) < 1e-4);
                    CHECK(course.student.state().at("anchor") == end);
                }
            }
}

TEST_CASE("importance: sos of a gradient that does not change") {
    for (const double alpha : {0.0, 1.0}) {
        Course course("importance", {{"measure", "sos"}, {"alpha", alpha}},
                      {{"lr", 1e-30}}); // the weights stay where they are
        course.student.begin_task(0);
        const auto g = course.gradient(course.student.theta(), lesson(0, 0)),
                   start = course.student.theta();
        const auto same = lesson(0, 0);
        constexpr int steps = 30;
        for (uint32_t k = 0; k < steps; ++k)
            course.student.observe(same, 0, k, alpha > 0 ? &same : nullptr);
        CHECK(course.student.theta() == start);
        auto wanted = g;
        for (double& v : wanted) v = alpha > 0 ? 0 : (1 - std::pow(0.999, steps)) * v * v;
        CHECK(distance(course.student.state().at("~w"), wanted) < 1e-4);
        if (alpha > 0) CHECK(largest(course.student.state().at("~w")) == 0);
    }
}

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
        CHECK(with.student.theta() == naive.student.theta());
        CHECK(tied.student.theta() != naive.student.theta());
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
        CHECK(ours.student.theta() == theirs.student.theta());
        CHECK(ours.omega() == theirs.student.state().at(k.importance));
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
        const auto omega = course.omega(), anchor = course.student.theta();
        course.student.begin_task(2);
        auto theta = anchor;
        const auto away = numbers(static_cast<int64_t>(theta.size()), 9);
        for (std::size_t k = 0; k < theta.size(); ++k)
            if (theta[k] != 0) theta[k] += away[k];
        course.student.put("weights.theta", theta);
        const auto before = course.student.theta();
        const auto none = weightless(course.desk, 2);
        course.student.observe(none, 2, 0, course.companion(2) ? &none : nullptr);
        auto moved = course.student.theta();
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

TEST_CASE("importance: what does not move has no importance, and no NaN") {
    for (const std::string measure : {"si", "siu", "sib", "sos"}) {
        Course course("importance", {{"measure", measure}});
        course.task(0, 0);
        CHECK(course.omega() == Vector(course.student.theta().size(), 0));
    }
}

TEST_CASE(
    "importance: reinit draws the weights again at every task's start, and measures from there") {
    Course course("importance", {{"reinit", true}, {"c", 0}}),
        other("importance", {{"measure", "sos"}, {"reinit", true}, {"c", 0}});
    const auto bound =
        course.desk.net()
            .per_column([](const Layer& l) { return 1 / std::sqrt(static_cast<double>(l.fan_in)); })
            .to_vector();
    auto last = course.student.theta();
    for (int64_t t = 0; t < 3; ++t) {
        course.student.begin_task(t), other.student.begin_task(t);
        const auto drawn = course.student.theta();
        CHECK(course.student.state().at("~start") == drawn);
        CHECK(other.student.theta() ==
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
        course.student.end_task(t), other.student.end_task(t);
        last = course.student.theta();
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
                const auto before = course.student.theta();
                course.student.begin_task(t);
                const auto drawn = course.student.theta();
                for (std::size_t k = 0; k < drawn.size(); ++k)
                    if (before[k] != 0)
                        CHECK((drawn[k] == before[k]) ==
                              (!regularised && in_head(course.desk.net(), k)));
                for (uint32_t k = 0; k < 4; ++k) {
                    const auto b = one(t, k), b2 = one(t, k + 50);
                    course.student.observe(b, t, k, course.companion(t) ? &b2 : nullptr);
                }
                course.student.end_task(t);
            }
            double head = 0, body = 0;
            const auto omega = course.omega();
            for (std::size_t k = 0; k < omega.size(); ++k) {
                double& most = in_head(course.desk.net(), k) ? head : body;
                most = std::max(most, omega[k]);
            }
            CHECK((head > 0) == regularised);
            CHECK(body > 0);
        }
    Course single("importance", {{"measure", "mas"}});
    single.task(0);
    double head = 0;
    for (std::size_t k = 0; k < single.omega().size(); ++k)
        if (in_head(single.desk.net(), k)) head = std::max(head, single.omega()[k]);
    CHECK(head > 0);
}
