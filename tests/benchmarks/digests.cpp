// SPDX-License-Identifier: Apache-2.0
// Prints data digests for streams.py, one a line: kind, seed, task, digest. Arguments: the folders to search.
#include <cstdio>

#include <ATen/ATen.h>

#include <benchmarks/random.hpp>
#include <benchmarks/stream.hpp>
#include <benchmarks/tasks.hpp>

#include "support.hpp"

using namespace bench_test;

namespace {

at::Tensor first_order(int64_t seed, int64_t task, int64_t n) {
    const auto order = permutation(n, {uint32_t(seed), purpose("mneme/order")}, {0, 0, uint32_t(task) * 256});
    return at::tensor(order, at::kLong);
}

void print(const char* label, const Spec& spec, const std::shared_ptr<const Dataset>& data, const Limits& limits) {
    const std::vector<int64_t> seeds{1, 12345};
    std::vector<std::vector<int64_t>> streams{seeds};
    if (seeds_differ(spec)) streams = {{seeds[0]}, {seeds[1]}};
    for (const auto& together : streams) {
        const Stream stream(spec, data, together, limits, at::kCPU);
        for (std::size_t s = 0; s < together.size(); ++s)
            for (int64_t t = 0; t < stream.tasks(); ++t) {
                const auto digest = stream.data_digest(int64_t(s), t, first_order(together[s], t, stream.task(t).train_count));
                std::printf("%s\t%lld\t%lld\t%s\n", label, static_cast<long long>(together[s]), static_cast<long long>(t), digest.c_str());
            }
    }
}

} // namespace

int main(int argc, char** argv) {
    const std::vector<fs::path> folders(argv + 2, argv + argc);
    const std::string name = argv[1];
    const auto data = std::make_shared<const Dataset>(load(dataset(name), folders));
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
    print("permuted", spec("permuted", 3), data, {3000, 100, false});
    auto split = spec("split", 0);
    split.stream.class_order = {3, 1, 4, 0, 5, 9, 2, 6, 8, 7};
    split.stream.validation = 0.1;
    split.scenario.kind = "task";
    print("split", split, data, {0, 0, true});
}
