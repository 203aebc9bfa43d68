// SPDX-License-Identifier: Apache-2.0
// Per-sample quantities against one recorded derivative an example, and the four Fishers against
// each other and closed forms.
#include "catch.hpp"

#include <cmath>

#include <mneme/fisher.hpp>

#include "reference.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

constexpr int64_t replicas = 2, rows = 7, features = 4, classes = 5;

struct Problem {
    Layout layout{.features = features,
                  .hidden = {6, 4},
                  .seeds = {1, 2},
                  .scenario = "task",
                  .classes = classes,
                  .tasks = {{0, 1}, {2, 3, 4}}};
    std::vector<double> x = numbers(replicas * rows * features, 5),
                        weight{1, 0.5, 0, 2, 1, 1, 3, 1, 1, 1, 1, 1, 1, 1};
    std::vector<int64_t> y, task;

    Problem() {
        for (int64_t n = 0; n < replicas * rows; ++n) {
            task.push_back(n % 2);
            y.push_back(
                layout.tasks[static_cast<std::size_t>(n % 2)][static_cast<std::size_t>(n / 2 % 2)]);
        }
    }
    Example example(int64_t n) const {
        const auto from = x.begin() + n * features;
        return {tensor({from, from + features}, {1, features}), y[static_cast<std::size_t>(n)],
                layout.tasks[static_cast<std::size_t>(task[static_cast<std::size_t>(n)])]};
    }
};

// The quantity whose derivative is meant, as a formula over the logits that count.
Tensor quantity(const Net& net, const Example& e, const Tensor& theta, Of of) {
    const auto f = e.logits(net, theta), p = f.softmax(0);
    switch (of) {
        case Of::logits_norm: return (f * f).sum();
        case Of::probability_norm: return (p * p).sum();
        case Of::max_logit: return f.amax(0).square();
        case Of::max_probability: return p.amax(0).square();
        default: return e.loss(net, theta, e.label);
    }
}

std::vector<double> of_one(const Net& net, const Example& e, const Tensor& theta, Of of,
                           Reduce reduce) {
    if (of != Of::loss_expected)
        return sized(derivative(theta, [&](const Tensor& t) { return quantity(net, e, t, of); }),
                     reduce);
    const auto p = e.logits(net, theta).softmax(0).to_vector();
    std::vector<double> sum;
    for (std::size_t k = 0; k < p.size(); ++k) // every label, by its probability
        add(sum,
            sized(derivative(theta, [&](const Tensor& t) { return e.loss(net, t, e.counting[k]); }),
                  reduce),
            p[k]);
    return sum;
}

struct Model { // softmax regression on a task whose examples everybody knows
    Layout layout{.features = 3, .seeds = {1, 2}, .classes = 3, .tasks = {{0, 1, 2}}};
    SessionFixture fixture{layout};
    TaskData data = make_task_data(24, 3, {0, 1, 2}, 9);
    Weights w;

    Model() : w(fixture.net().initial()) {
        fixture.set_examples(0, data);
        w.theta = w.theta * 3;
    }
    std::vector<double> operator()(const Json& options, int64_t row = 0) {
        auto& setup = fresh.emplace_back(std::make_unique<SessionFixture>(layout))->setup(options);
        fresh.back()->set_examples(0, data);
        fresh.back()->seek(0, 253, 0xFFFFFFFFu);
        return Fisher(setup)(fresh.back()->net(), w, fresh.back()->task(0))
            .select(0, row)
            .to_vector();
    }
    std::vector<std::unique_ptr<SessionFixture>> fresh;
};

} // namespace

TEST_CASE("six quantities, squared and absolute, equal an explicit loop") {
    const Problem p;
    SessionFixture fixture(p.layout);
    fixture.begin_task(1);
    const auto start = fixture.net().initial();
    const Weights w{start.theta.to(DType::float64) * 3, start.stats};
    const auto whole = batch(replicas, p.x, p.y, p.task, p.weight);
    for (Of of : {Of::loss, Of::loss_expected, Of::logits_norm, Of::probability_norm, Of::max_logit,
                  Of::max_probability})
        for (Reduce reduce : {Reduce::square, Reduce::abs}) {
            INFO("of " << int(of) << ", reduce " << int(reduce));
            std::vector<double> wanted;
            for (int64_t s = 0; s < replicas; ++s) {
                std::vector<double> sum;
                double total = 0;
                for (int64_t n = s * rows; n < (s + 1) * rows; ++n) {
                    const double weight = p.weight[static_cast<std::size_t>(n)];
                    add(sum, of_one(fixture.net(), p.example(n), w.theta.select(0, s), of, reduce),
                        weight);
                    total += weight;
                }
                for (double v : sum) wanted.push_back(v / total);
            }
            CHECK(largest(wanted) > 1e-3);
            const auto got = fixture.net().per_sample(w, whole, of, reduce).to_vector();
            CHECK(distance(got, wanted) < 1e-12);
            CHECK(std::all_of(got.begin(), got.end(), [](double v) { return v >= 0; }));
            const Weights single{w.theta.to(DType::float32), w.stats};
            CHECK(distance(fixture.net().per_sample(single, whole, of, reduce).to_vector(),
                           wanted) < 1e-5);
        }
}

TEST_CASE("an unknown quantity is refused") {
    const Problem p;
    SessionFixture fixture(p.layout);
    const auto w = fixture.net().initial();
    CHECK(refusal([&] {
              fixture.net().per_sample(w, batch(replicas, p.x, p.y), Of(6), Reduce::square);
          }) == "per_sample: quantity 6 is not known to this host; it knows 0 to 5");
}

TEST_CASE("exact Fisher of softmax regression: p (1 - p) x^2, on biases p (1 - p)") {
    Model model;
    for (int64_t s : {0, 1}) {
        const auto got = model({{"fisher", "exact"}}, s);
        std::vector<double> wanted(got.size());
        const auto theta = model.w.theta.select(0, s).to_vector();
        const auto &weight = model.fixture.net().layers()[0],
                   &bias = model.fixture.net().layers()[1];
        for (int64_t n = 0; n < 24; ++n) {
            const auto x = model.data.input(n, 3);
            double p[3], sum = 0;
            for (int64_t k = 0; k < 3; ++k) {
                double f = theta[static_cast<std::size_t>(bias.offset + k)];
                for (int64_t j = 0; j < 3; ++j)
                    f += theta[static_cast<std::size_t>(weight.offset + k * 3 + j)] *
                         x[static_cast<std::size_t>(j)];
                sum += p[k] = std::exp(f);
            }
            for (int64_t k = 0; k < 3; ++k) {
                const double spread = p[k] / sum * (1 - p[k] / sum) / 24;
                wanted[static_cast<std::size_t>(bias.offset + k)] += spread;
                for (int64_t j = 0; j < 3; ++j)
                    wanted[static_cast<std::size_t>(weight.offset + k * 3 + j)] +=
                        spread * x[static_cast<std::size_t>(j)] * x[static_cast<std::size_t>(j)];
            }
        }
        CHECK(distance(got, wanted) < 1e-5);
    }
}

TEST_CASE("empirical Fisher equals the mean of squares of each example's own gradient") {
    Model model;
    std::vector<double> wanted;
    const auto theta = model.w.theta.select(0, 0).to(DType::float64);
    for (int64_t n = 0; n < 24; ++n) {
        const Example e{tensor(model.data.input(n, 3), {1, 3}),
                        model.data.labels[static_cast<std::size_t>(n)],
                        {0, 1, 2}};
        add(wanted, of_one(model.fixture.net(), e, theta, Of::loss, Reduce::square), 1.0 / 24);
    }
    CHECK(distance(model({{"fisher", "empirical"}}), wanted) < 1e-5);
}

TEST_CASE("batched is at most empirical, and equal to it for batches of one") {
    Model model;
    const auto empirical = model({{"fisher", "empirical"}}),
               one = model({{"fisher", "batched"}, {"fisher_batch", 1}}),
               six = model({{"fisher", "batched"}, {"fisher_batch", 6}}),
               all = model({{"fisher", "batched"}, {"fisher_batch", 24}});
    CHECK(distance(one, empirical) < 1e-5);
    const double slack = 1e-6 * largest(empirical);
    double sum = 0, sum_six = 0;
    for (std::size_t k = 0; k < empirical.size(); ++k) {
        CHECK(six[k] <= empirical[k] + slack); // Jensen, entry by entry
        CHECK(all[k] <= six[k] + slack);
        sum += empirical[k], sum_six += six[k];
    }
    CHECK(sum_six < 0.9 * sum);
}

TEST_CASE("drawn labels give the exact Fisher on average") {
    // Many replicas of one model: each draws labels of its own. The mean over them is exact within
    // its own error.
    Layout layout{.features = 3, .seeds = {}, .classes = 3, .tasks = {{0, 1, 2}}};
    constexpr int64_t many = 400;
    for (int64_t s = 1; s <= many; ++s) layout.seeds.push_back(s);
    Model model;
    SessionFixture fixture(layout);
    fixture.set_examples(0, model.data);
    fixture.seek(0, 253, 0xFFFFFFFFu);
    const auto row = model.w.theta.narrow(0, 0, 1);
    const Weights same{row.expand({many, row.size(1)}).clone(), fixture.net().initial().stats};
    const auto f =
        Fisher(fixture.setup({{"fisher", "sample"}}))(fixture.net(), same, fixture.task(0));
    CHECK(f.select(0, 0).to_vector() != f.select(0, 1).to_vector());
    const auto exact = model({{"fisher", "exact"}}), mean = f.mean(0).to_vector(),
               spread = ((f - f.mean(0, keepdim)).square().mean(0) / double(many))
                            .sqrt()
                            .to_vector(); // standard error
    for (std::size_t k = 0; k < exact.size(); ++k)
        CHECK(std::abs(mean[k] - exact[k]) <= 4.5 * spread[k] + 1e-7);
}

TEST_CASE("drawn labels stay inside the head, wherever its classes stand") {
    for (const auto& classes :
         std::vector<std::vector<int64_t>>{{2, 3}, {0, 4}, {1, 5}, {0, 2, 5}}) {
        Layout layout{.features = 3,
                      .seeds = {1, 2, 3, 4},
                      .scenario = "task",
                      .classes = 6,
                      .tasks = {{0, 1}, classes}};
        SessionFixture fixture(layout);
        fixture.begin_task(1);
        fixture.set_examples(1, make_task_data(40, 3, classes, 4));
        const auto f = Fisher(fixture.setup({{"fisher", "sample"}}))(
            fixture.net(), fixture.net().initial(), fixture.task(1));
        const auto& bias = fixture.net().layers()[1];
        const auto size = f.narrow(1, bias.offset, 6).amin(0).to_vector(),
                   most = f.narrow(1, bias.offset, 6).amax(0).to_vector();
        for (int64_t c = 0; c < 6; ++c) {
            const bool inside = std::find(classes.begin(), classes.end(), c) != classes.end();
            CHECK((size[static_cast<std::size_t>(c)] > 0) == inside);
            CHECK(
                (most[static_cast<std::size_t>(c)] > 0 && most[static_cast<std::size_t>(c)] < 1) ==
                inside); // (p - 1[y])^2 of a row is below 1
        }
    }
}

TEST_CASE("a label between classes that have no probability is drawn all the same") {
    // Weights 0 but for the biases: p = (1/2, 0, 0, 0, 1/2) exactly, since exp(-200) is 0 in
    // float32.
    SessionFixture fixture(
        {.features = 1, .seeds = {1, 2}, .classes = 5, .tasks = {{0, 1, 2, 3, 4}}});
    fixture.set_examples(0, make_task_data(400, 1, {0, 4}, 4));
    const auto& bias = fixture.net().layers()[1];
    std::vector<double> theta(static_cast<std::size_t>(2 * fixture.net().columns()));
    for (int64_t s : {0, 1})
        for (int64_t c : {1, 2, 3})
            theta[static_cast<std::size_t>(s * fixture.net().columns() + bias.offset + c)] = -200;
    const Weights w{tensor(theta, {2, fixture.net().columns()}, DType::float32),
                    fixture.net().initial().stats};
    const auto f = Fisher(fixture.setup({{"fisher", "sample"}}))(fixture.net(), w, fixture.task(0))
                       .select(0, 0)
                       .narrow(0, bias.offset, 5)
                       .to_vector();
    CHECK(distance(f, {0.25, 0, 0, 0, 0.25}) < 1e-6);
    CHECK((f[1] == 0 && f[2] == 0 && f[3] == 0)); // a label of the middle would press itself
}

TEST_CASE("a replica that has diverged leaves its neighbours' Fisher as it was") {
    for (const char* kind : {"exact", "sample", "empirical", "batched"}) {
        Model model;
        const auto wanted = model({{"fisher", kind}}, 1);
        model.w.theta.select(0, 0).fill_(NAN);
        CHECK(model({{"fisher", kind}}, 1) == wanted);
        CHECK(std::isnan(largest(model({{"fisher", kind}}, 0))));
    }
}

TEST_CASE("fisher_samples draws that many examples, each once") {
    Model model;
    const auto all = model({{"fisher", "empirical"}, {"fisher_samples", 24}}),
               more = model({{"fisher", "empirical"}, {"fisher_samples", 1000}}),
               few = model({{"fisher", "empirical"}, {"fisher_samples", 23}});
    CHECK(all == more);
    CHECK(few != all);
    // 23 of 24: the one that is missing explains the difference exactly.
    int64_t explained = 0;
    for (int64_t n = 0; n < 24; ++n) {
        const Example e{tensor(model.data.input(n, 3), {1, 3}),
                        model.data.labels[static_cast<std::size_t>(n)],
                        {0, 1, 2}};
        auto rest = all;
        for (double& v : rest) v *= 24.0 / 23;
        add(rest,
            of_one(model.fixture.net(), e, model.w.theta.select(0, 0).to(DType::float64), Of::loss,
                   Reduce::square),
            -1.0 / 23);
        explained += distance(rest, few) < 1e-5;
    }
    CHECK(explained == 1);
}
