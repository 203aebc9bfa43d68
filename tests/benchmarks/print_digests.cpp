// SPDX-License-Identifier: Apache-2.0
// Prints data digests for streams.py, one a line: kind, seed, task, digest. Arguments: the folders
// to search.
#include <cstdio>

#include <ATen/ATen.h>

#include <base/sha256.hpp>
#include <benchmarks/augment.hpp>
#include <benchmarks/example_stream.hpp>
#include <benchmarks/random.hpp>
#include <benchmarks/stream.hpp>
#include <benchmarks/tasks.hpp>

#include "support.hpp"

using namespace bench_test;

namespace {

void print(const char* label, const Spec& spec, const std::shared_ptr<const Dataset>& data,
           const Limits& limits) {
    const std::vector<int64_t> seeds{1, 12345};
    std::vector<std::vector<int64_t>> streams{seeds};
    if (seeds_differ(spec)) streams = {{seeds[0]}, {seeds[1]}};
    for (const auto& together : streams) {
        const Stream stream(spec, data, together, limits, at::kCPU);
        const auto digests = stream.data_digests(
            [&](int64_t r, int64_t t) {
                return permutation(stream.task(t).train_count,
                                   {uint32_t(together[std::size_t(r)]), purpose("mneme/order")},
                                   {0, 0, uint32_t(t) * 256});
            },
            2);
        for (std::size_t s = 0; s < together.size(); ++s)
            for (std::size_t t = 0; t < digests.size(); ++t)
                std::printf("%s\t%lld\t%zu\t%s\n", label, static_cast<long long>(together[s]), t,
                            digests[t][s].c_str());
    }
}

// The first 40 training pictures as step 3 of the first phase of task 2 would see them: floats.
void print_augmented(const Dataset& data) {
    const Images& from = data.train;
    const int64_t n = 40, width = from.channels * from.rows * from.columns, padding = 4;
    const auto bytes =
        at::from_blob(const_cast<uint8_t*>(from.pixels.data()), {1, n, width}, at::kByte);
    for (int64_t seed : {int64_t{1}, int64_t{12345}}) {
        const PhiloxPlace place{0, 3, 256};
        Moves moves{at::empty({1, n, 2}, at::kLong), at::empty({1, n}, at::kLong)};
        integers(2 * n, 2 * padding + 1, {uint32_t(seed), purpose("mneme/augment_crop")}, place,
                 moves.crop.data_ptr<int64_t>());
        integers(n, 2, {uint32_t(seed), purpose("mneme/augment_flip")}, place,
                 moves.flip.data_ptr<int64_t>());
        const auto x =
            augmented(bytes.to(at::kFloat).div_(255), {from.channels, from.rows, from.columns},
                      padding, moves, at::zeros({1}));
        mneme::base::Sha256 hash;
        hash.add(x.contiguous().data_ptr<float>(), std::size_t(x.numel()) * sizeof(float));
        std::printf("augmented\t%lld\t0\t%s\n", static_cast<long long>(seed), hash.hex().c_str());
    }
}

// The sequence of three tasks that are not announced: tasks, then rows, 64-bit.
void print_flow() {
    for (int64_t seed : {int64_t{1}, int64_t{12345}}) {
        std::vector<std::vector<int64_t>> orders;
        for (int64_t n : {700, 300, 500})
            orders.push_back(permutation(n, {uint32_t(seed), purpose("mneme/order")},
                                         {0, 0, uint32_t(orders.size()) * 256}));
        const ExampleStream sequence = example_stream(orders, 0.6, seed);
        const std::vector<int64_t> tasks(sequence.task.begin(), sequence.task.end());
        mneme::base::Sha256 hash;
        hash.add(tasks.data(), tasks.size() * sizeof(int64_t));
        hash.add(sequence.row.data(), sequence.row.size() * sizeof(int64_t));
        std::printf("flow\t%lld\t0\t%s\n", static_cast<long long>(seed), hash.hex().c_str());
    }
}

} // namespace

int main(int argc, char** argv) {
    const std::vector<fs::path> folders(argv + 2, argv + argc);
    const std::string name = argv[1];
    const auto data = std::make_shared<const Dataset>(load(built_in_dataset(name), folders));
    if (!data->table.empty()) { // as the standard benchmarks have them
        Spec texts = fashion("split", 0);
        texts.stream.dataset = name;
        texts.stream.classes_per_task = name == "clinc150" ? 15 : 11;
        texts.scenario.kind = "task";
        print("texts", texts, data, {});
        return 0;
    }
    const bool pictures_turn = name != "cifar-100";
    const auto spec = [&](const char* kind, int64_t tasks) {
        Spec made = fashion(kind, tasks);
        made.stream.dataset = name;
        return made;
    };
    auto seeded = spec("split", 3);
    seeded.stream.classes_per_task = std::vector<int64_t>{2, 1, 4};
    seeded.stream.class_order.seeded = true;
    seeded.scenario.kind = "class";
    print("seeded", seeded, data, {});
    print_augmented(*data);
    print_flow();
    if (!pictures_turn) {
        auto five = spec("split", 4);
        five.stream.classes_per_task = 5;
        print("fives", five, data, {});
        return 0;
    }
    auto rotated = spec("rotated", 4);
    rotated.stream.degrees_per_task = 36;
    print("rotated", rotated, data, {2000, 500, false});
    rotated.stream.degrees_per_task = 0;
    rotated.stream.linspace = {-10, 180};
    print("linspace", rotated, data, {500, 0, false});
    rotated.stream.interpolation = "bilinear";
    print("bilinear", rotated, data, {300, 200, false});
    rotated.stream.jitter = 9;
    print("jitter", rotated, data, {300, 200, false});
    auto sequence = spec("sequence", 0);
    sequence.stream.dataset.clear();
    sequence.stream.datasets = {name, name};
    sequence.stream.classes_per_task = std::vector<int64_t>{10, 4, 6};
    print("sequence", sequence, load_data(sequence, folders), {1000, 1000, false});
    auto noisy = spec("split", 0);
    noisy.stream.label_noise = 0.3;
    noisy.stream.classes_per_task = 5;
    noisy.scenario.kind = "class";
    print("noisy", noisy, data, {7000, 100, false});
    auto tailed = spec("permuted", 2);
    tailed.stream.imbalance = 50;
    tailed.stream.validation = 0.2;
    print("tailed", tailed, data, {0, 0, true});
    print("permuted", spec("permuted", 3), data, {3000, 100, false});
    auto split = spec("split", 0);
    split.stream.class_order = {3, 1, 4, 0, 5, 9, 2, 6, 8, 7};
    split.stream.validation = 0.1;
    split.scenario.kind = "task";
    print("split", split, data, {0, 0, true});
}
