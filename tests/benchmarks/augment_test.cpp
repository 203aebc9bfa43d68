// SPDX-License-Identifier: Apache-2.0
// Crop and flip by hand, against loops, and what a benchmark may not ask of them. Label noise and
// rare classes: what they leave alone.
#include "torch_catch.hpp"

#include <algorithm>

#include <ATen/ATen.h>

#include <benchmarks/augment.hpp>
#include <benchmarks/random.hpp>
#include <benchmarks/stream.hpp>
#include <benchmarks/tasks.hpp>

#include "support.hpp"

using namespace bench_test;

namespace {

std::vector<float> floats(const at::Tensor& t) {
    const auto flat = t.contiguous().view({-1});
    return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

// 400 training and 40 test pictures of 2 x 2, labels 0..9 in turn.
std::shared_ptr<const Dataset> in_turn() {
    auto data = std::make_shared<Dataset>();
    data->classes = 10;
    for (Images* part : {&data->train, &data->test}) {
        part->count = part == &data->train ? 400 : 40;
        part->rows = part->columns = 2;
        part->pixels.resize(std::size_t(part->count * 4));
        for (int64_t i = 0; i < part->count; ++i) part->labels.push_back(uint16_t(i % 10));
    }
    return data;
}

std::vector<int64_t> counts(const at::Tensor& y) {
    std::vector<int64_t> out(10, 0);
    for (int64_t i = 0; i < y.size(0); ++i) ++out[std::size_t(y.data_ptr<int64_t>()[i])];
    return out;
}

} // namespace

TEST_CASE(
    "a picture moves by its crop and then turns over; what comes in holds the outside value") {
    const auto x = at::arange(1, 7, at::kFloat).view({1, 1, 6}); // rows 1 2 3 and 4 5 6
    const auto crop = [](int64_t row, int64_t column) {
        return at::tensor({row, column}, at::kLong).view({1, 1, 2});
    };
    const auto flip = at::ones({1, 1}, at::kLong), outside = at::full({1}, 9.0f);
    const std::vector<int64_t> shape{1, 2, 3};
    CHECK(floats(augmented(x, shape, 1, {crop(1, 1), {}}, outside)) ==
          std::vector<float>{1, 2, 3, 4, 5, 6});
    CHECK(floats(augmented(x, shape, 1, {crop(0, 2), {}}, outside)) ==
          std::vector<float>{9, 9, 9, 2, 3, 9});
    CHECK(floats(augmented(x, shape, 1, {crop(0, 2), flip}, outside)) ==
          std::vector<float>{9, 9, 9, 9, 3, 2});
    CHECK(floats(augmented(x, shape, 0, {{}, flip}, outside)) ==
          std::vector<float>{3, 2, 1, 6, 5, 4});
}

TEST_CASE("a batch of replicas and channels moves as loops over it would") {
    const int64_t S = 3, B = 5, C = 2, R = 4, W = 6, padding = 2;
    const auto x = at::arange(S * B * C * R * W, at::kFloat).view({S, B, -1});
    Moves moves{at::empty({S, B, 2}, at::kLong), at::empty({S, B}, at::kLong)};
    integers(S * B * 2, 5, {1, 2}, {0, 0, 0}, moves.crop.data_ptr<int64_t>());
    integers(S * B, 2, {1, 3}, {0, 0, 0}, moves.flip.data_ptr<int64_t>());
    const auto got = floats(augmented(x, {C, R, W}, padding, moves, at::full({1}, -1.0f)));
    const auto before = floats(x);
    std::vector<float> wanted;
    for (int64_t k = 0; k < S * B; ++k)
        for (int64_t c = 0; c < C; ++c)
            for (int64_t r = 0; r < R; ++r)
                for (int64_t w = 0; w < W; ++w) {
                    const int64_t turned = moves.flip.data_ptr<int64_t>()[k] ? W - 1 - w : w;
                    const int64_t row = r + moves.crop.data_ptr<int64_t>()[2 * k] - padding;
                    const int64_t column =
                        turned + moves.crop.data_ptr<int64_t>()[2 * k + 1] - padding;
                    const bool inside = row >= 0 && row < R && column >= 0 && column < W;
                    wanted.push_back(
                        inside ? before[std::size_t(((k * C + c) * R + row) * W + column)] : -1);
                }
    CHECK(got == wanted);
    CHECK(std::count(got.begin(), got.end(), -1.0f) > 0);
}

TEST_CASE("what [augment], label_noise, imbalance and online may not be") {
    auto spec = fashion("permuted", 2);
    spec.augment.horizontal_flip = true;
    CHECK(fault_in(spec) ==
          "augment: [augment] in a stream without pictures (permuted); remove [augment]");
    auto drawn = clusters();
    drawn.augment.crop_padding = 1;
    CHECK(fault_in(drawn) ==
          "augment: [augment] in a stream without pictures (synthetic); remove [augment]");
    spec = fashion("split", 0);
    spec.augment.crop_padding = 29;
    CHECK(fault_in(spec) == "augment.crop_padding: crop_padding is 29; expected 0 to 28");
    spec.augment.crop_padding = 4;
    CHECK(fault_in(spec) == "");
    spec.stream.label_noise = 1;
    CHECK(fault_in(spec) == "stream.label_noise: label_noise is 1; expected 0 to 0.95");
    spec.stream.label_noise = 0.2;
    spec.stream.classes_per_task = 1;
    CHECK(fault_in(spec) ==
          "stream.label_noise: label_noise is 0.2 and a task has one class; expected two or more");
    spec.stream.label_noise = 0;
    spec.stream.imbalance = 0.5;
    CHECK(fault_in(spec) == "stream.imbalance: imbalance is 0.5; expected 1 to 1000000");
    spec.stream.imbalance = 1;
    spec.stream.online = true;
    spec.train.epochs = 2;
    CHECK(fault_in(spec) ==
          "train.epochs: epochs is 2 and the stream shows each example once; expected 1");
}

TEST_CASE("label noise changes training labels within the task, at its rate, and nothing else") {
    auto plain = fashion("split", 0), noisy = plain;
    plain.stream.classes_per_task = noisy.stream.classes_per_task = 5;
    plain.scenario.kind = noisy.scenario.kind = "class";
    noisy.stream.label_noise = 0.25;
    const auto data = in_turn();
    CHECK(seeds_differ(noisy));
    const Stream clean(plain, data, {3}, {}, at::kCPU), dirty(noisy, data, {3}, {}, at::kCPU),
        shorter(noisy, data, {3}, {50, 0, false}, at::kCPU), other(noisy, data, {4}, {}, at::kCPU);
    for (int64_t t : {0, 1}) {
        const auto a = clean.train(t).y, b = dirty.train(t).y;
        CHECK(clean.train(t).x.equal(dirty.train(t).x));
        CHECK(clean.test(t).y.equal(dirty.test(t).y));
        CHECK(b.ge(5 * t).all().item<bool>());
        CHECK(b.lt(5 * t + 5).all().item<bool>());
        const auto wrong = a.ne(b).sum().item<int64_t>(); // of 200: mean 50, standard deviation 6.1
        CHECK(wrong > 50 - 25);
        CHECK(wrong < 50 + 25);
        CHECK(shorter.train(t).y.equal(b.narrow(0, 0, 50))); // a limit changes no label
        CHECK_FALSE(other.train(t).y.equal(b));
    }
    CHECK(fault_of([&] {
              Stream(noisy, data, {1, 2}, {}, at::kCPU);
          }) ==
          "stream test: seeds 1 and 2 have other examples (class_order, label_noise, imbalance); "
          "expected a "
          "stream for each");
}

TEST_CASE(
    "rare classes: a geometric series between the factor and 1, another order for another seed, "
    "tests untouched") {
    auto spec = fashion("rotated", 2);
    spec.stream.imbalance = 8;
    const auto data = in_turn();
    const Stream stream(spec, data, {1}, {}, at::kCPU), other(spec, data, {2}, {}, at::kCPU);
    auto found = counts(stream.train(0).y);
    CHECK(counts(stream.train(1).y) == found);
    CHECK(counts(other.train(0).y) != found);
    CHECK(stream.task(0).train_count == stream.train(0).size());
    CHECK(stream.task(0).test_count == 40);
    std::sort(found.rbegin(), found.rend());
    CHECK(found ==
          std::vector<int64_t>{40, 31, 25, 20, 15, 12, 10, 7, 6, 5}); // 40 * 8^(-k/9), rounded down
    spec.stream.imbalance = 1e6;
    CHECK(counts(Stream(spec, data, {1}, {}, at::kCPU).train(0).y)[std::size_t(permutation(
              10, {1, purpose("mneme/imbalance")}, {0, 0, 0})[9])] == 1); // no class is lost
}
