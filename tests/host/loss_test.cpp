// SPDX-License-Identifier: Apache-2.0
// Losses and gradients under the head rule, against LibTorch's recording in double, one example at
// a time.
#include "catch.hpp"

#include <cstring>

#include "reference.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

const std::vector<std::vector<int64_t>> split{{0, 1}, {2, 3}, {4, 5}};

// The rule in words of its own: which logits count for a row.
std::vector<int64_t> counting(const Layout& l, int64_t begun, int64_t task) {
    std::vector<int64_t> out;
    for (int64_t t = 0; t < static_cast<int64_t>(l.tasks.size()); ++t)
        for (int64_t c : l.tasks[static_cast<std::size_t>(t)])
            if (l.scenario == "domain" || l.all_logits ||
                (l.scenario == "task" ? t == task : t <= begun))
                out.push_back(c);
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

struct Problem {
    Layout layout;
    int64_t begun, replicas = 2, rows = 5;
    std::vector<double> x = numbers(2 * 5 * 4, 3), weight{1, 0.5, 0, 2, 1, 1, 1, 1, 3, 0.25};
    std::vector<int64_t> y, task;

    Problem(const std::string& scenario, int64_t task_now, bool all_logits = false)
        : layout{.features = 4,
                 .hidden = {6, 5},
                 .seeds = {1, 2},
                 .scenario = scenario,
                 .classes = 6,
                 .tasks = split,
                 .all_logits = all_logits},
          begun(task_now) {
        for (int64_t n = 0; n < replicas * rows; ++n) {
            task.push_back(n %
                           (task_now + 1)); // memory rows of earlier tasks among those of this one
            y.push_back(
                split[static_cast<std::size_t>(task.back())][static_cast<std::size_t>(n / 3 % 2)]);
        }
    }
    Batch whole() const { return batch(replicas, x, y, task, weight); }
    Example example(int64_t s, int64_t b) const {
        const auto n = static_cast<std::size_t>(s * rows + b);
        return {tensor({x.begin() + static_cast<int64_t>(n) * 4,
                        x.begin() + static_cast<int64_t>(n + 1) * 4},
                       {1, 4}),
                y[n], counting(layout, begun, task[n])};
    }
};

Weights in_double(const SessionFixture& fixture) {
    const auto w = fixture.net().initial();
    return {w.theta.to(DType::float64) * 3, w.stats}; // times 3: logits that differ
}

} // namespace

TEST_CASE("losses and gradients equal recorded ones under every head rule") {
    for (const char* rule : {"domain", "task", "class", "class, all"})
        for (int64_t begun : {0, 1, 2}) {
            INFO(rule << ", task " << begun);
            const std::string scenario(rule, std::strcspn(rule, ","));
            const Problem p(scenario, begun, scenario != rule);
            SessionFixture fixture(p.layout);
            fixture.begin_task(begun);
            const auto w = in_double(fixture);
            const auto whole = p.whole();
            const auto losses = fixture.net()
                                    .losses(fixture.net().logits(w, whole.x, Mode::eval), whole)
                                    .to_vector();
            const auto mean = fixture.net().loss(w, whole, Mode::eval).to_vector();
            std::vector<double> gradient;
            for (int64_t s = 0; s < p.replicas; ++s) {
                const auto theta = w.theta.select(0, s);
                std::vector<double> sum;
                double total = 0, loss = 0;
                for (int64_t b = 0; b < p.rows; ++b) {
                    const auto n = static_cast<std::size_t>(s * p.rows + b);
                    const auto e = p.example(s, b);
                    const double own = e.loss(fixture.net(), theta, e.label).item();
                    CHECK(losses[n] == Approx(own).epsilon(1e-12));
                    add(sum,
                        derivative(
                            theta,
                            [&](const Tensor& t) { return e.loss(fixture.net(), t, e.label); }),
                        p.weight[n]);
                    total += p.weight[n], loss += p.weight[n] * own;
                }
                CHECK(mean[static_cast<std::size_t>(s)] == Approx(loss / total).epsilon(1e-12));
                for (double v : sum) gradient.push_back(v / total);
            }
            CHECK(largest(gradient) > 0.1);
            CHECK(distance(fixture.net().gradient(w, whole, Mode::eval).to_vector(), gradient) <
                  1e-12);
            const Weights single{w.theta.to(DType::float32), w.stats};
            CHECK(distance(fixture.net().gradient(single, whole, Mode::train).to_vector(),
                           gradient) < 1e-5);
        }
}

TEST_CASE("where the weights sum to 0, loss and gradient are exactly 0") {
    Problem p("domain", 2);
    std::fill_n(p.weight.begin(), 5, 0.0); // the first replica's
    p.x[0] = 1e15;                         // whatever its rows say
    SessionFixture fixture(p.layout);
    const auto w = fixture.net().initial();
    const auto loss = fixture.net().loss(w, p.whole(), Mode::train).to_vector();
    const auto gradient = fixture.net().gradient(w, p.whole());
    CHECK(loss[0] == 0);
    CHECK(loss[1] > 0);
    CHECK(gradient.select(0, 0).to_vector() ==
          std::vector<double>(static_cast<std::size_t>(fixture.net().columns()), 0));
    CHECK(largest(gradient.select(0, 1).to_vector()) > 0);
    for (Reduce reduce : {Reduce::square, Reduce::abs})
        for (Of of : {Of::loss, Of::loss_expected})
            CHECK(
                largest(
                    fixture.net().per_sample(w, p.whole(), of, reduce).select(0, 0).to_vector()) ==
                0);
}

TEST_CASE("rows of weight 0 say nothing") {
    Problem p("class", 1);
    SessionFixture fixture(p.layout);
    fixture.begin_task(1);
    const auto w = in_double(fixture);
    const auto before = fixture.net().gradient(w, p.whole(), Mode::eval).to_vector();
    for (std::size_t k = 8; k < 12; ++k) p.x[k] = 7; // row 2 of replica 0 weighs nothing
    CHECK(fixture.net().gradient(w, p.whole(), Mode::eval).to_vector() == before);
    for (std::size_t k = 0; k < 4; ++k) p.x[k] = 7; // row 0 does
    CHECK(fixture.net().gradient(w, p.whole(), Mode::eval).to_vector() != before);
}

TEST_CASE("a row of weight 0 whose loss is not a number leaves the mean of the others as it was") {
    Problem p("class", 1);
    SessionFixture fixture(p.layout);
    fixture.begin_task(1);
    const auto w = in_double(fixture);
    const auto before = fixture.net().loss(w, p.whole(), Mode::eval).to_vector();
    for (std::size_t k = 8; k < 12; ++k) p.x[k] = NAN; // row 2 of replica 0 weighs nothing
    const auto losses = fixture.net()
                            .losses(fixture.net().logits(w, p.whole().x, Mode::eval), p.whole())
                            .to_vector();
    CHECK(std::isnan(losses[2]));
    CHECK(fixture.net().loss(w, p.whole(), Mode::eval).to_vector() == before);
}

TEST_CASE("in the task scenario other tasks' classes are not touched, bit for bit") {
    Problem p("task", 2);
    std::fill(p.task.begin(), p.task.end(), 1);
    for (std::size_t n = 0; n < p.y.size(); ++n) p.y[n] = split[1][n % 2];
    SessionFixture fixture(p.layout);
    fixture.begin_task(2);
    const auto g = fixture.net().gradient(fixture.net().initial(), p.whole());
    for (const auto& layer : fixture.net().layers()) {
        if (layer.name.find("head") != 0) continue;
        const int64_t width = layer.numel / 6;
        for (int64_t c = 0; c < 6; ++c) {
            const double size = largest(g.narrow(1, layer.offset + c * width, width).to_vector());
            if (c == 2 || c == 3) CHECK(size > 0);
            else CHECK(size == 0);
        }
    }
}

TEST_CASE("the head says which logits count") {
    const auto mask = [](const std::string& scenario, bool shared, int64_t begun) {
        SessionFixture fixture(
            {.scenario = scenario, .classes = 6, .tasks = split, .shared_head = shared});
        fixture.begin_task(begun);
        return fixture.net().head(Tensor::of(std::vector<int64_t>{0, 2}, {1, 2})).to_vector();
    };
    CHECK(mask("domain", false, 1) == std::vector<double>{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
    CHECK(mask("task", false, 1) == std::vector<double>{1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1});
    CHECK(mask("task", true, 1) == std::vector<double>{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                                       1}); // one head for all: nothing to mask
    CHECK(mask("class", false, 0) == std::vector<double>{1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0});
    CHECK(mask("class", false, 1) == std::vector<double>{1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0});
}

TEST_CASE("stacked weights are k * S replicas; what does not fit is refused") {
    const Problem p("domain", 0);
    SessionFixture fixture(p.layout);
    const auto w = in_double(fixture);
    const auto b = p.whole();
    const Batch twice{cat({b.x, b.x}, 0), cat({b.y, b.y}, 0), cat({b.task, b.task}, 0),
                      cat({b.weight, b.weight}, 0), b.current};
    const auto one = fixture.net().gradient(w, b, Mode::eval).to_vector();
    auto both = one;
    both.insert(both.end(), one.begin(), one.end());
    CHECK(fixture.net()
              .gradient({cat({w.theta, w.theta}, 0), cat({w.stats, w.stats}, 0)}, twice, Mode::eval)
              .to_vector() == both);
    const Batch crooked{cat({b.x, b.x}, 0), b.y, b.task, b.weight, b.current};
    CHECK(refusal([&] {
              fixture.net().gradient({cat({w.theta, w.theta}, 0), w.stats}, crooked, Mode::eval);
          }) ==
          "batch: y does not fit logits of 4 x 5 rows; repeat the batch to match stacked weights");
}
