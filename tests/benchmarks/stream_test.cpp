// SPDX-License-Identifier: Apache-2.0
// Streams as tensors: what a task's examples are, and that nothing but the seed changes them.
#include "torch_catch.hpp"

#include "stream_support.hpp"

#include <cmath>

#include <benchmarks/random.hpp>

using namespace bench_test;

namespace {

std::vector<int64_t> values(const at::Tensor& t) {
    const auto flat = t.to(at::kLong).contiguous();
    return {flat.data_ptr<int64_t>(), flat.data_ptr<int64_t>() + flat.numel()};
}

} // namespace

TEST_CASE("a rotated task gathers pixels by the map, the same for all replicas") {
    auto spec = fashion("rotated", 2);
    spec.stream.degrees_per_task = 180;
    spec.stream.linspace.clear();
    const Stream stream(spec, small(), {1, 2}, {}, at::kCPU);
    CHECK(stream.tasks() == 2);
    CHECK(stream.input_shape() ==
          (std::vector<int64_t>{1, 2,
                                3})); // a grey image has one channel, for networks of convolutions
    CHECK(input_shape(spec) == (std::vector<int64_t>{1, 28, 28}));
    CHECK(stream.classes() == 10);
    CHECK(values(stream.train(0).x[0]) == std::vector<int64_t>{1, 2, 3, 4, 5, 6});
    CHECK(values(stream.train(1).x[0]) == std::vector<int64_t>{6, 5, 4, 3, 2, 1});
    CHECK(values(stream.test(1).x[1]) == std::vector<int64_t>{71, 70, 69, 68, 67, 66});
    CHECK(stream.train(1).x.sizes() == at::IntArrayRef({30, 6}));
    CHECK(stream.train(1).x.scalar_type() == at::kByte);
    spec.stream.degrees_per_task = 90;
    const Stream quarter(spec, small(), {1}, {}, at::kCPU); // 2 x 3: what is outside is 0
    CHECK(values(quarter.train(1).x[0]).size() == 6);
    CHECK(quarter.train(1).x[0].eq(0).any().item<bool>());
}

TEST_CASE("a permuted task has one permutation for each seed and task") {
    const auto data = small();
    const Stream both(fashion("permuted", 3), data, {7, 8}, {}, at::kCPU),
        alone(fashion("permuted", 3), data, {8}, {}, at::kCPU);
    CHECK(both.train(0).x.dim() == 2); // plain
    const auto x = both.train(2).x;
    CHECK(x.sizes() == at::IntArrayRef({2, 30, 6}));
    CHECK(x[1].equal(alone.train(2).x[0]));
    CHECK(!x[0].equal(x[1]));
    CHECK(!x[1].equal(both.train(1).x[1]));
    const auto p = permutation(6, {8, purpose("mneme/stream")}, {0, 0, 2 * 256});
    std::vector<int64_t> expected;
    for (int64_t source : p)
        expected.push_back(int64_t(data->test.pixels[std::size_t(6 + source)]));
    CHECK(values(both.test(2).x[1][1]) == expected);
}

TEST_CASE("split tasks take their classes in file order and number them as the head does") {
    auto spec = fashion("split", 2);
    spec.stream.class_order = {4, 1, 0, 2, 3, 5, 6, 7, 8, 9};
    spec.scenario.kind = "class";
    const Stream split(spec, small(), {1}, {}, at::kCPU);
    CHECK(values(split.train(0).y) == std::vector<int64_t>{1, 4, 1, 4, 1, 4});
    CHECK(values(split.train(0).x.select(1, 0)) == std::vector<int64_t>{7, 25, 67, 85, 127, 145});
    spec.scenario.kind = "domain";
    CHECK(values(Stream(spec, small(), {1}, {}, at::kCPU).train(0).y) ==
          std::vector<int64_t>{1, 0, 1, 0, 1, 0});
    spec.stream.validation = 0.34; // one of three
    const Stream held(spec, small(), {1}, {0, 0, true}, at::kCPU);
    CHECK(values(held.train(0).x.select(1, 0)) == std::vector<int64_t>{7, 25, 67, 85});
    CHECK(values(held.test(0).x.select(1, 0)) == std::vector<int64_t>{127, 145});
    auto limited = fashion("permuted", 2);
    limited.scenario = {"task", "full"};
    CHECK(values(Stream(limited, small(), {1}, {3, 2, false}, at::kCPU).test(1).y) ==
          std::vector<int64_t>{10, 11});
}

TEST_CASE("seeds whose examples differ do not share a stream") {
    auto spec = fashion("split", 0);
    spec.stream.class_order.seeded = true;
    spec.scenario.kind = "class";
    auto noisy = fashion("rotated", 2), rare = noisy;
    noisy.stream.label_noise = 0.1, rare.stream.imbalance = 10;
    for (const auto& differing : {spec, noisy, rare})
        CHECK(fault_of([&] {
                  Stream(differing, small(), {1, 2}, {}, at::kCPU);
              }) ==
              "stream test: seeds 1 and 2 have other examples (class_order, label_noise, "
              "imbalance); expected a stream for each");
    const Stream stream(spec, small(), {7, 7}, {}, at::kCPU); // two points of a grid
    const auto order = permutation(10, {7, purpose("mneme/stream")}, {0, 0, 0});
    for (int64_t t = 0; t < 5; ++t) {
        const auto train = stream.train(t);
        bool right = train.size() == 6;
        for (int64_t i = 0; i < train.size(); ++i) {
            const int64_t label = (train.x[i][0].item<int64_t>() - 1) / 6 % 10,
                          number = train.y[i].item<int64_t>();
            right = right && number / 2 == t && order[std::size_t(number)] == label;
        }
        CHECK(right);
    }
}

TEST_CASE("jitter turns every seed's pictures by its own angle, and alone as together") {
    auto spec = fashion("rotated", 2);
    spec.stream.jitter = 180;
    for (const char* interpolation : {"nearest", "bilinear"}) {
        spec.stream.interpolation = interpolation;
        const Stream both(spec, small(), {7, 8}, {}, at::kCPU),
            alone(spec, small(), {8}, {}, at::kCPU);
        CHECK(both.train(0).x.sizes() == at::IntArrayRef({2, 30, 6}));
        CHECK(both.train(1).x[1].equal(alone.train(1).x[0]));
        CHECK(!both.train(1).x[0].equal(both.train(1).x[1]));
        CHECK(both.data_digests(backwards(both), 1)[1][1] ==
              alone.data_digests(backwards(alone), 1)[1][0]);
    }
}

TEST_CASE("between pixels: quarter turns are exact, and a flat picture stays flat inside") {
    auto spec = fashion("rotated", 2);
    spec.stream.interpolation = "bilinear";
    spec.stream.degrees_per_task = 180;
    CHECK(values(Stream(spec, small(), {1}, {}, at::kCPU).train(1).x[0]) ==
          std::vector<int64_t>{6, 5, 4, 3, 2, 1});
    auto flat = std::make_shared<Dataset>(*small());
    for (Images* part : {&flat->train, &flat->test}) {
        part->rows = part->columns = 9;
        part->pixels.assign(std::size_t(part->count * 81), 200);
    }
    spec.stream.degrees_per_task = 33;
    const auto turned = Stream(spec, flat, {1}, {}, at::kCPU).train(1).x[0].view({9, 9});
    CHECK(turned.slice(0, 2, 7).slice(1, 2, 7).eq(200).all().item<bool>());
    CHECK(turned[0][0].item<int64_t>() < 200); // a corner comes from outside
}

TEST_CASE("pictures with channels keep their shape, and turn plane by plane") {
    auto data = std::make_shared<Dataset>();
    data->classes = 10;
    for (Images* part : {&data->train, &data->test}) {
        part->count = 1;
        part->channels = 3;
        part->rows = part->columns = 2;
        part->labels = {4};
        for (int p = 0; p < 12; ++p) part->pixels.push_back(uint8_t(p));
    }
    auto spec = fashion("rotated", 2);
    spec.stream.dataset = "cifar-10";
    spec.stream.degrees_per_task = 90;
    const Stream stream(spec, data, {1}, {}, at::kCPU);
    CHECK(stream.input_shape() == std::vector<int64_t>{3, 2, 2});
    CHECK(values(stream.train(1).x[0]) ==
          std::vector<int64_t>{1, 3, 0, 2, 5, 7, 4, 6, 9, 11, 8, 10});
}

TEST_CASE("bytes become x / 255, and normalised ones have mean 0 and deviation 1") {
    auto spec = fashion("rotated", 1);
    const Stream plain(spec, small(), {1}, {}, at::kCPU);
    const auto bytes = at::arange(256, at::kInt).to(at::kByte);
    const auto input = plain.input(bytes);
    bool exact = input.scalar_type() == at::kFloat;
    for (int v = 0; v < 256; ++v) exact &= input[v].item<float>() == float(v) / 255.0f;
    CHECK(exact);
    spec.stream.normalise = "dataset";
    const Stream normalised(spec, small(), {1}, {}, at::kCPU);
    const auto x = normalised.input(normalised.train(0).x).to(at::kDouble);
    CHECK(std::abs(x.mean().item<double>()) < 1e-6);
    CHECK(std::abs(x.square().mean().item<double>() - 1) < 1e-6);
}

TEST_CASE("published mean and deviation of MNIST's pixels") {
    if (locate(built_in_dataset("mnist"), data_folders()).empty())
        mneme::test::skip("MNIST is not here: " + built_in_dataset("mnist").how_to_get);
    auto spec = fashion("rotated", 1);
    spec.stream.dataset = "mnist";
    spec.stream.normalise = "dataset";
    const Stream stream(
        spec, std::make_shared<const Dataset>(load(built_in_dataset("mnist"), data_folders())), {1},
        {}, at::kCPU);
    const auto ends = stream.input(at::tensor({0, 255}, at::kInt).to(at::kByte)).to(at::kDouble);
    const double low = ends[0].item<double>(), high = ends[1].item<double>();
    CHECK(std::abs(1 / (high - low) - 0.308108) < 1e-6);
    CHECK(std::abs(-low / (high - low) - 0.130660) < 1e-6);
}

TEST_CASE("clusters lie where they should, the same for every seed") {
    auto spec = clusters("class");
    spec.stream.train_examples = 4000;
    spec.stream.features = 20;
    const Stream stream(spec, nullptr, {1, 2}, {}, at::kCPU),
        other(spec, nullptr, {9}, {}, at::kCPU);
    CHECK(stream.classes() == 6);
    CHECK(stream.input_shape() == std::vector<int64_t>{20});
    const auto train = stream.train(1);
    CHECK(train.x.equal(other.train(1).x));
    CHECK(!train.x.equal(stream.train(0).x));
    CHECK(!stream.test(1).x.equal(train.x.narrow(0, 0, 40)));
    CHECK(values(train.y.narrow(0, 0, 3)) == std::vector<int64_t>{2, 3, 2});
    const auto standard = train.x.to(at::kDouble).sub(96).div(16);
    const auto centre = [&](int64_t label) { return standard.index({train.y.eq(label)}).mean(0); };
    CHECK(std::abs((centre(2) - centre(3)).norm().item<double>() - spec.stream.separation) <
          0.15); // 20 coordinates, 2,000 examples each
    const auto spread = standard.index({train.y.eq(2)}).var(0, true).mean().item<double>();
    CHECK(std::abs(spread - 1) < 0.05);
}

TEST_CASE("a stream without what it needs says so") {
    CHECK(fault_of([] { Stream(fashion("rotated", 2), small(), {}, {}, at::kCPU); }) ==
          "stream test: no seeds; expected one for each replica");
}
