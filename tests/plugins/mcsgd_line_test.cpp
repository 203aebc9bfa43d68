// SPDX-License-Identifier: Apache-2.0
// MC-SGD: the gradient of a step of the line phase.
#include "catch.hpp"

#include "mcsgd.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

// The objective of a step of the line phase, one seed, in double: sum over the points of c(j) L(end
// + j/n (z - end)).
struct Objective {
    const Net& net;
    std::vector<Example> stored, current;
    Tensor bar, hat; // [P]
    int64_t points;

    Objective(OnLine& on, const Batch& batch, int64_t n)
        : net(on.fixture.fixture.net()), points(n) {
        const auto row = [&](const std::vector<double>& x, std::size_t k) {
            const auto from = x.begin() + static_cast<std::ptrdiff_t>(3 * k);
            return tensor({from, from + 3}, {1, 3});
        };
        auto& s = on.before;
        for (std::size_t k = 0; k < 3;
             ++k) { // one row of each of three classes; the first step's batch
            const auto at = static_cast<std::size_t>(s["memory.~plan"][k]);
            stored.push_back({row(s["memory.store.x"], at),
                              static_cast<int64_t>(s["memory.store.y"][at]),
                              {0, 1, 2}});
        }
        const auto x = batch.x.to_vector(), y = batch.y.to_vector(),
                   weight = batch.weight.to_vector();
        for (std::size_t k = 0; k < y.size(); ++k)
            if (weight[k] > 0)
                current.push_back({row(x, k), static_cast<int64_t>(y[k]), {0, 1, 2}});
        bar = tensor(s["~bar"], {net.columns()}), hat = tensor(s["~hat"], {net.columns()});
    }
    Tensor loss(const std::vector<Example>& rows, const Tensor& theta) const {
        auto sum = rows[0].loss(net, theta, rows[0].label);
        for (std::size_t k = 1; k < rows.size(); ++k)
            sum = sum + rows[k].loss(net, theta, rows[k].label);
        return sum / static_cast<double>(rows.size());
    }
    double value(const Tensor& z) const {
        double sum = 0;
        for (int64_t j = 0; j <= points; ++j) {
            const double a = static_cast<double>(j) / static_cast<double>(points);
            sum += loss(stored, bar + (z - bar) * a).item() +
                   loss(current, hat + (z - hat) * a).item();
        }
        return sum / static_cast<double>(points + 1);
    }
    // sum over j of c(j) times the gradient at point j; rows divided by their number again where
    // `per_example`.
    template <class F>
    std::vector<double> gradient(const Tensor& z, F&& c, bool per_example) const {
        std::vector<double> g;
        for (const auto* rows : {&stored, &current})
            for (int64_t j = 0; j <= points; ++j) {
                const auto& end = rows == &stored ? bar : hat;
                const auto theta =
                    end + (z - end) * (static_cast<double>(j) / static_cast<double>(points));
                add(g, derivative(theta, [&](const Tensor& t) { return loss(*rows, t); }),
                    c(j) / (per_example ? static_cast<double>(rows->size()) : 1));
            }
        return g;
    }
};

} // namespace

TEST_CASE("mcsgd: exact is the derivative of the line objective, by central differences") {
    OnLine on({{"points", 5}}, one_seed());
    const auto batch = on.fixture.task_batch(1, 50);
    const auto got = on.gradient(batch);
    const Objective f(on, batch, 5);
    std::vector<double> wanted;
    const auto z = on.before["weights.theta"];
    constexpr double h = 1e-5;
    for (std::size_t k = 0; k < z.size(); ++k) {
        auto up = z, down = z;
        up[k] += h, down[k] -= h;
        const std::vector<int64_t> shape{static_cast<int64_t>(z.size())};
        wanted.push_back((f.value(tensor(up, shape)) - f.value(tensor(down, shape))) / (2 * h));
    }
    CHECK(largest(wanted) > 0.01);
    CHECK(distance(got, wanted) < 1e-5); // what float32 leaves: the weights are of order one
}

TEST_CASE(
    "mcsgd: the three modes, two ways to join the points and two scales are the sums that their "
    "names say") {
    constexpr int64_t n = 4;
    for (const char* mode : {"exact", "plain", "authors"})
        for (const char* points : {"mean", "sum"})
            for (const char* scale : {"mean", "per_example"}) {
                INFO(mode << ", " << points << ", " << scale);
                auto linear = one_seed();
                linear.hidden = {}; // softmax regression
                OnLine on(
                    {{"points", n}, {"mode", mode}, {"line_points", points}, {"line_scale", scale}},
                    linear);
                auto batch = on.fixture.task_batch(1, 50);
                batch.weight =
                    tensor({1, 1, 0, 1}, {1, 4},
                           DType::float32); // a row that does not count in the size either
                const auto got = on.gradient(batch);
                const Objective f(on, batch, n);
                const std::string kind = mode;
                const double joined = std::string(points) == "mean" ? n + 1 : 1;
                const auto c = [&](int64_t j) {
                    const auto at = static_cast<double>(j);
                    return (kind == "exact" ? at / n : kind == "plain" ? 1 : n + 1 - at) / joined;
                };
                const auto z =
                    tensor(on.before["weights.theta"], {on.fixture.fixture.net().columns()});
                CHECK(distance(got, f.gradient(z, c, std::string(scale) == "per_example")) < 1e-5);
            }
}

TEST_CASE("mcsgd: the sum at lr_line is the mean at n + 1 times lr_line, to rounding") {
    TaskFixture sum(TaskFixture::layout(), "mcsgd",
                    with(small, {{"line_points", "sum"}, {"lr_line", 0.01}, {"points", 4}}),
                    plain_train);
    TaskFixture mean(TaskFixture::layout(), "mcsgd",
                     with(small, {{"lr_line", 0.05}, {"points", 4}}), plain_train);
    TaskFixture other(TaskFixture::layout(), "mcsgd",
                      with(small, {{"lr_line", 0.04}, {"points", 4}}), plain_train);
    for (int64_t t = 0; t < 3; ++t) sum.task(t), mean.task(t), other.task(t);
    CHECK(distance(sum->theta(), mean->theta()) < 1e-5);
    CHECK(distance(other->theta(), mean->theta()) > 1e-3);
}

// A class of one example, and the same example twice.
TEST_CASE(
    "mcsgd: a memory that holds every row twice gives the same gradient; half of it where it is "
    "per_example") {
    const auto once = make_task_data(3, 3, {0, 1, 2}, 5);
    TaskData twice = once;
    twice.pixels.insert(twice.pixels.end(), once.pixels.begin(), once.pixels.end());
    twice.labels.insert(twice.labels.end(), once.labels.begin(), once.labels.end());
    const auto gradient = [&](const char* scale, int64_t copies) {
        auto layout = TaskFixture::layout();
        TaskFixture::DataByTask data_by_task{
            {0, copies == 1 ? once : twice}, {1, copies == 1 ? once : twice}, {2, once}};
        TaskFixture fixture(layout, "mcsgd",
                            {{"lr_line", 1},
                             {"line_momentum", 0},
                             {"points", 3},
                             {"line_scale", scale},
                             {"memory_per_class", copies}},
                            plain_train, data_by_task);
        fixture->begin_task(0), fixture->end_task(0);
        fixture->begin_task(1);
        const auto line = fixture.resolved(fixture->phases(1)[1], 1);
        fixture->put("weights.theta", numbers(2 * fixture.fixture.net().columns(), 3));
        fixture->begin_phase(line, 1, 1);
        const auto before = fixture->theta();
        fixture->observe(weightless(fixture.fixture, 1), 1, 0, nullptr, 1);
        auto g = fixture->theta();
        for (std::size_t k = 0; k < g.size(); ++k) g[k] -= before[k];
        return g;
    };
    const auto mean = gradient("mean", 1), per_example = gradient("per_example", 1);
    CHECK(distance(gradient("mean", 2), mean) < 1e-5);
    auto third = mean, half = per_example;
    for (double& v : third) v /= 3;
    for (double& v : half) v /= 2;
    CHECK(distance(per_example, third) < 1e-5);
    CHECK(distance(gradient("per_example", 2), half) < 1e-5);
}

TEST_CASE(
    "mcsgd: the line phase takes the batch's statistics, and leaves the running ones as the "
    "sequential phase did") {
    auto layout = one_seed();
    layout.network = "resnet18", layout.image = {1, 8, 8}, layout.features = 64;
    OnLine on({{"points", 1}}, layout);
    const auto batch = on.fixture.task_batch(1, 50);
    const auto got = on.gradient(batch);
    auto& s = on.before;
    const auto& net = on.fixture.fixture.net();
    const auto real = [](const std::vector<double>& v, const std::vector<int64_t>& shape) {
        return tensor(v, shape, DType::float32);
    };
    const Batch store{real(s["memory.store.x"], {1, 6, 64}),
                      tensor(s["memory.store.y"], {1, 6}, DType::int64),
                      tensor(s["memory.store.task"], {1, 6}, DType::int64),
                      real(s["memory.store.weight"], {1, 6}), 0};
    const std::vector<int64_t> first{static_cast<int64_t>(s["memory.~plan"][0]),
                                     static_cast<int64_t>(s["memory.~plan"][1]),
                                     static_cast<int64_t>(s["memory.~plan"][2])};
    const auto stored = pick(store, Tensor::of(first, {1, 3}));
    const Weights z{real(s["weights.theta"], {1, net.columns()}),
                    real(s["weights.stats"], {1, static_cast<int64_t>(s["weights.stats"].size())})};
    const auto wanted = [&](Mode mode) { // the lines' far ends, with a mean over two points
        return ((net.gradient(z, stored, mode) + net.gradient(z, batch, mode)) * 0.5).to_vector();
    };
    CHECK(distance(got, wanted(Mode::batch_stats)) < 1e-4);
    CHECK(distance(got, wanted(Mode::eval)) > 1e-2);
    CHECK(on.fixture->state()["weights.stats"] == s["weights.stats"]);
    CHECK(s["weights.stats"] != net.initial().stats.to_vector());
}
