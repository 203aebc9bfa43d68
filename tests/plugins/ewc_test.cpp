// SPDX-License-Identifier: Apache-2.0
// EWC in both forms: the pull by the penalty's value, sums of parabolas as one, and the running
// Fisher.
#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "host/plugin_log.hpp"
#include "plugin_batches.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

using Vector = std::vector<double>;

constexpr int64_t rows = 18;

struct Course { // a learner, three tasks' data, and what it goes through
    explicit Course(const std::string& plugin, const Json& options = Json::object(),
                    double lr = 0.25)
        : fixture({.features = 3, .hidden = {4}, .seeds = {1, 2}}) {
        for (int64_t t = 0; t < 3; ++t) fixture.set_examples(t, data(t));
        learner = std::make_unique<PluginLearner>(fixture, plugin, options,
                                                  Json{{"lr", lr}, {"momentum", 0}});
    }
    static TaskData data(int64_t t) {
        return make_task_data(rows, 3, {0, 1, 2}, static_cast<uint32_t>(50 + t));
    }
    static Batch task_batch(int64_t t, uint32_t k) {
        return batch(2, numbers(2 * 4 * 3, 20 + static_cast<uint32_t>(t) * 10 + k),
                     {0, 1, 2, 0, 2, 1, 1, 0}, std::vector<int64_t>(8, t));
    }
    void task(int64_t t, uint32_t steps = 5) {
        learner->begin_task(t);
        for (uint32_t k = 0; k < steps; ++k) learner->observe(task_batch(t, k), t, k);
        learner->end_task(t);
    }
    // The exact Fisher on a task's examples at the present weights, example by example in double.
    Vector fisher(int64_t t) const {
        const auto theta = learner->theta();
        const auto columns = fixture.net().columns();
        const auto examples = data(t);
        Vector out;
        for (int64_t s = 0; s < 2; ++s) {
            const auto w =
                tensor({theta.begin() + s * columns, theta.begin() + (s + 1) * columns}, {columns});
            Vector sum;
            for (int64_t n = 0; n < rows; ++n) {
                const Example e{tensor(examples.input(n, 3), {1, 3}), 0, {0, 1, 2}};
                const auto p = e.logits(fixture.net(), w).softmax(0).to_vector();
                for (int64_t c = 0; c < 3; ++c)
                    add(sum,
                        sized(derivative(
                                  w, [&](const Tensor& v) { return e.loss(fixture.net(), v, c); }),
                              Reduce::square),
                        p[static_cast<std::size_t>(c)] / rows);
            }
            out.insert(out.end(), sum.begin(), sum.end());
        }
        return out;
    }
    // How far one step from `theta` goes when the examples weigh nothing, over -lr: the gradient of
    // the penalty.
    Vector pull(int64_t t, const Vector& theta, double lr = 0.25) {
        learner->put("weights.theta", theta);
        const auto before = learner->theta();
        learner->observe(weightless(fixture, t), t, 99);
        auto moved = learner->theta();
        for (std::size_t k = 0; k < moved.size(); ++k) moved[k] = (before[k] - moved[k]) / lr;
        return moved;
    }

    SessionFixture fixture;
    std::unique_ptr<PluginLearner> learner;
};

Vector elsewhere(const Vector& theta, uint32_t which) { // real entries moved, padding left alone
    auto out = theta;
    const auto step = numbers(static_cast<int64_t>(theta.size()), which);
    for (std::size_t k = 0; k < out.size(); ++k)
        if (out[k] != 0) out[k] += step[k];
    return out;
}

struct Parabola {
    Vector f, star;
};
double penalty(const std::vector<Parabola>& past, double lambda,
               const Vector& theta) { // by value: lambda sum F (theta - theta*)^2
    double sum = 0;
    for (const auto& [f, star] : past)
        for (std::size_t k = 0; k < theta.size(); ++k)
            sum += f[k] * (theta[k] - star[k]) * (theta[k] - star[k]);
    return lambda * sum;
}

Vector slope(const std::vector<Parabola>& past, double lambda,
             Vector theta) { // by finite differences of the value
    Vector out;
    for (double& v : theta) {
        const double here = v, h = 1e-3;
        v = here + h;
        const double up = penalty(past, lambda, theta);
        v = here - h;
        out.push_back((up - penalty(past, lambda, theta)) / (2 * h));
        v = here;
    }
    return out;
}

} // namespace

TEST_CASE(
    "ewc and ewc_online: the pull is the slope of lambda sum F (theta - theta*)^2, without 1/2") {
    for (const char* plugin : {"ewc", "ewc_online"}) {
        Course course(plugin, {{"lambda", 3}, {"fisher", "exact"}});
        course.task(0);
        const Parabola one{course.fisher(0), course.learner->theta()};
        course.learner->begin_task(1);
        const auto theta = elsewhere(one.star, 1), wanted = slope({one}, 3, theta);
        CHECK(largest(wanted) > 0.1);
        CHECK(distance(course.pull(1, theta), wanted) < 1e-4);
        CHECK(largest(course.pull(1, one.star)) < 1e-6); // at the anchor there is none
    }
}

TEST_CASE("ewc and ewc_online log how near the penalty is to throwing the weights away") {
    for (const char* plugin : {"ewc", "ewc_online"}) {
        std::vector<std::string> lines;
        mneme::host::set_plugin_log([&](const std::string& line) { lines.push_back(line); });
        Course course(plugin, {{"lambda", 3}, {"fisher", "exact"}});
        course.task(0);
        mneme::host::set_plugin_log({});
        const Vector fisher = course.fisher(0);
        const auto half = static_cast<std::ptrdiff_t>(fisher.size() / 2); // of the first replica
        REQUIRE(lines.size() == 1);
        const std::string what = "task 1, strength * lr * largest importance of each replica:";
        REQUIRE(lines[0].rfind(what, 0) == 0);
        std::istringstream values(lines[0].substr(what.size()));
        double first = 0, second = 0;
        values >> first >> second;
        const auto largest_of = [](auto begin, auto end) { return *std::max_element(begin, end); };
        CHECK(std::abs(first - 3 * 0.25 * largest_of(fisher.begin(), fisher.begin() + half)) <
              1e-5);
        CHECK(std::abs(second - 3 * 0.25 * largest_of(fisher.begin() + half, fisher.end())) < 1e-5);
    }
}

TEST_CASE("ewc: two numbers an entry stand for the list of all past tasks") {
    Course course("ewc", {{"lambda", 2}});
    std::vector<Parabola> past;
    for (int64_t t = 0; t < 3; ++t) {
        course.task(t);
        past.push_back({course.fisher(t), course.learner->theta()});
        const auto state = course.learner->state();
        Vector a(past[0].f.size()), centre(a.size());
        for (const auto& [f, star] : past)
            for (std::size_t k = 0; k < a.size(); ++k) a[k] += f[k], centre[k] += f[k] * star[k];
        for (std::size_t k = 0; k < a.size(); ++k) centre[k] = a[k] > 0 ? centre[k] / a[k] : 0;
        CHECK(distance(state.at("a"), a) < 1e-5);
        auto weighed = state.at("c"),
             wanted = centre; // where the curvature is 0 the centre means nothing
        for (std::size_t k = 0; k < a.size(); ++k) weighed[k] *= a[k], wanted[k] *= a[k];
        CHECK(distance(weighed, wanted) < 1e-5);
    }
    const auto theta = elsewhere(past[2].star, 2);
    CHECK(distance(course.pull(2, theta), slope(past, 2, theta)) < 1e-4);
}

TEST_CASE("ewc_online: Fishers add up under the decay, the last weights are the only anchor") {
    for (double decay : {1.0, 0.5, 0.0}) {
        Course course("ewc_online", {{"lambda", 2}, {"fisher_decay", decay}});
        Vector sum;
        for (int64_t t = 0; t < 3; ++t) {
            course.task(t);
            const auto f = course.fisher(t);
            sum.resize(f.size());
            for (std::size_t k = 0; k < f.size(); ++k) sum[k] = decay * sum[k] + f[k];
            CHECK(distance(course.learner->state().at("f"), sum) < 1e-5);
            CHECK(course.learner->state().at("star") == course.learner->theta());
        }
        const auto star = course.learner->theta(), theta = elsewhere(star, 3);
        CHECK(distance(course.pull(2, theta), slope({{sum, star}}, 2, theta)) < 1e-4);
    }
}

TEST_CASE("both forms are one after one task, and differ by the anchor after two") {
    Course separate("ewc", {{"lambda", 3}}), online("ewc_online", {{"lambda", 3}});
    separate.task(0), online.task(0);
    CHECK(separate.learner->theta() == online.learner->theta());
    const Parabola first{separate.fisher(0), separate.learner->theta()};
    separate.task(1), online.task(1); // under the same penalty
    CHECK(separate.learner->theta() == online.learner->theta());
    CHECK(separate.learner->theta() != first.star);
    CHECK(separate.learner->state().at("a") == online.learner->state().at("f"));
    const Parabola second{separate.fisher(1), separate.learner->theta()};
    separate.learner->begin_task(2), online.learner->begin_task(2);
    const auto theta = elsewhere(second.star, 4);
    const auto a = separate.pull(2, theta), b = online.pull(2, theta);
    Vector difference(a.size()), wanted(a.size()); // 2 lambda F_1 (theta*_2 - theta*_1)
    for (std::size_t k = 0; k < a.size(); ++k) {
        difference[k] = a[k] - b[k];
        wanted[k] = 2 * 3 * first.f[k] * (second.star[k] - first.star[k]);
    }
    CHECK(largest(wanted) > 1e-2);
    CHECK(distance(difference, wanted) < 1e-3);
}

TEST_CASE("lambda = 0 is plain descent, bit for bit") {
    for (const char* plugin : {"ewc", "ewc_online"})
        for (const char* fisher : {"exact", "sample", "empirical", "batched"}) {
            Course with(plugin, {{"lambda", 0}, {"fisher", fisher}, {"fisher_samples", 10}}),
                naive("finetune");
            for (int64_t t = 0; t < 3; ++t) with.task(t), naive.task(t);
            CHECK(with.learner->theta() == naive.learner->theta());
        }
}

TEST_CASE("penalty_clip bounds each entry of the pull") {
    for (const char* plugin : {"ewc", "ewc_online"}) {
        Course free(plugin, {{"lambda", 3}}), tied(plugin, {{"lambda", 3}, {"penalty_clip", 0.05}});
        free.task(0), tied.task(0);
        free.learner->begin_task(1), tied.learner->begin_task(1);
        const auto theta = elsewhere(free.learner->theta(), 5);
        auto wanted = free.pull(1, theta);
        const auto got = tied.pull(1, theta);
        CHECK(largest(wanted) > 0.05);
        for (double& v : wanted) v = std::clamp(v, -0.05, 0.05);
        CHECK(distance(got, wanted) < 1e-4);
    }
}

TEST_CASE("running: R <- .1 R + .9 mean of g^2 every U steps, at the task's end scaled to [0, 1]") {
    constexpr uint32_t
        every = 3,
        steps = 8; // two updates a task, and two steps left over: they wait for the next task's
    Course course("ewc_online",
                  {{"lambda", 0}, {"consolidate", "running"}, {"running_steps", every}});
    const auto size = course.learner->theta().size();
    const auto columns = static_cast<std::size_t>(course.fixture.net().columns());
    const auto real = course.fixture.net().real().to_vector();
    Vector r(size), sum(size);
    uint32_t tick = 0;
    for (int64_t t = 0; t < 2; ++t) {
        course.learner->begin_task(t);
        for (uint32_t k = 0; k < steps; ++k) {
            const auto task_batch = Course::task_batch(t, k);
            const Weights w{tensor(course.learner->theta(), {2, static_cast<int64_t>(columns)}),
                            course.fixture.net().initial().stats};
            const auto g = course.fixture.net()
                               .gradient(w, task_batch, Mode::eval)
                               .to_vector(); // proven in tests/host
            course.learner->observe(task_batch, t, k);
            for (std::size_t i = 0; i < size; ++i) sum[i] += g[i] * g[i];
            if (++tick % every) continue;
            for (std::size_t i = 0; i < size; ++i)
                r[i] = 0.1 * r[i] + 0.9 * sum[i] / every, sum[i] = 0;
        }
        CHECK(distance(course.learner->state().at("r"), r) < 1e-5);
        CHECK(distance(course.learner->state().at("sum"), sum) < 1e-5);
        course.learner->end_task(t);
        const auto f = course.learner->state().at("f");
        for (std::size_t s = 0; s < 2; ++s) { // over all parameters of a replica jointly
            double low = 1e300, high = -1e300, least = 1e300, most = -1e300;
            for (std::size_t k = 0; k < columns; ++k) {
                if (real[k] == 0) {
                    CHECK(f[s * columns + k] == 0);
                    continue;
                }
                low = std::min(low, r[s * columns + k]), high = std::max(high, r[s * columns + k]);
                least = std::min(least, f[s * columns + k]),
                most = std::max(most, f[s * columns + k]);
            }
            CHECK(least == 0);
            CHECK(most == 1);
            for (std::size_t k = 0; k < columns; ++k)
                if (real[k] != 0)
                    CHECK(std::abs(f[s * columns + k] - (r[s * columns + k] - low) / (high - low)) <
                          1e-5);
        }
        CHECK(course.learner->state().at("star") == course.learner->theta());
    }
}

TEST_CASE("running: importances that are all equal become 0 and no NaN") {
    Course course("ewc_online", {{"consolidate", "running"}, {"running_steps", 1}});
    course.learner->begin_task(0);
    for (uint32_t k = 0; k < 3; ++k) course.learner->observe(weightless(course.fixture, 0), 0, k);
    course.learner->end_task(0);
    CHECK(course.learner->state().at("f") == Vector(course.learner->theta().size(), 0));
}
