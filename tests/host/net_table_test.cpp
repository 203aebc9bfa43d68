// SPDX-License-Identifier: Apache-2.0
// What the host adds to a convolutional network: the head rule, rows that do not count, dropout at
// the network's own rates.
#include "catch.hpp"

#include "reference.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

Layout layout(const std::string& network) {
    return {.features = 128,
            .seeds = {1, 2},
            .scenario = "task",
            .classes = 6,
            .tasks = {{0, 1, 2}, {3, 4, 5}},
            .network = network,
            .image = {2, 8, 8}};
}

Batch rows(int64_t n, std::vector<double> weight) { // of the second task
    std::vector<int64_t> y, task(static_cast<std::size_t>(2 * n), 1);
    for (int64_t k = 0; k < 2 * n; ++k) y.push_back(3 + k % 3);
    return batch(2, numbers(2 * n * 128, 3), y, task, weight);
}

} // namespace

TEST_CASE("convolutional networks: other tasks' classes are not touched, bit for bit") {
    for (const char* kind : {"zenke-cnn", "resnet18"}) {
        SessionFixture fixture(layout(kind));
        fixture.begin_task(1);
        const auto g =
            fixture.net().gradient(fixture.net().initial(), rows(4, std::vector<double>(8, 1)));
        for (const auto& layer : fixture.net().layers()) {
            if (layer.name.find("head") != 0) continue;
            const int64_t width = layer.numel / 6;
            CHECK(largest(g.narrow(1, layer.offset, 3 * width).to_vector()) == 0);
            CHECK(largest(g.narrow(1, layer.offset + 3 * width, 3 * width).to_vector()) > 0);
        }
    }
}

TEST_CASE("batch statistics start at mean 0 and variance 1 and leave rows of weight 0 out") {
    SessionFixture fixture(layout("resnet18"));
    fixture.begin_task(1);
    const auto w = fixture.net().initial();
    const auto start = w.stats.to_vector();
    CHECK(std::count(start.begin(), start.end(), 1.0) == 2 * (5 * 4 + 5 * 8 + 5 * 16 + 5 * 32));
    const auto whole = rows(4, {1, 1, 1, 0, 1, 1, 1, 1}), none = rows(4, std::vector<double>(8, 0));
    fixture.net().gradient(w, none);
    CHECK(w.stats.to_vector() == start);

    const Weights again = fixture.net().initial();
    const Batch first{whole.x.narrow(1, 0, 3), whole.y.narrow(1, 0, 3), whole.task.narrow(1, 0, 3),
                      whole.weight.narrow(1, 0, 3), 3};
    const auto g = fixture.net().gradient(w, whole),
               of_three = fixture.net().gradient(again, first);
    CHECK(distance(g.select(0, 0).to_vector(), of_three.select(0, 0).to_vector()) < 1e-4);
    CHECK(distance(w.stats.select(0, 0).to_vector(), again.stats.select(0, 0).to_vector()) < 1e-5);
    CHECK(distance(w.stats.select(0, 1).to_vector(), again.stats.select(0, 1).to_vector()) > 1e-3);
    const auto kept = again.stats.to_vector();
    fixture.net().loss(again, whole, Mode::eval);
    fixture.net().loss(again, whole, Mode::batch_stats);
    CHECK(again.stats.to_vector() == kept);
}

TEST_CASE("zenke-cnn drops at its own rates, or at [train]'s") {
    const auto dropped = [](double train) { // the share of the last layer's inputs that are 0 in
                                            // training but not else
        auto l = layout("zenke-cnn");
        l.dropout = train;
        SessionFixture fixture(l);
        const auto w = fixture.net().initial();
        const auto x = tensor(numbers(40 * 128, 9), {40, 128}, DType::float32);
        const auto plain = fixture.net().features(w, x, Mode::eval).to_vector(),
                   training = fixture.net().features(w, x, Mode::train).to_vector();
        double open = 0, zero = 0;
        for (std::size_t k = 0; k < plain.size(); ++k)
            open += plain[k] > 0, zero += plain[k] > 0 && training[k] == 0;
        return zero / open;
    };
    const double own = dropped(0), at_tenth = dropped(0.1);
    CHECK(own > 0.5); // .5, and units that the masks before it turn off
    CHECK(own < 0.65);
    CHECK(at_tenth > 0.1);
    CHECK(at_tenth < 0.25);
}
