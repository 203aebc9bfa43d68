// SPDX-License-Identifier: Apache-2.0
// The benchmarks and suites that are shipped: each is sound, has a title and a reference, and is
// what its name promises.
#include "catch.hpp"

#include <map>
#include <set>

#include <benchmarks/tasks.hpp>

#include "plan/benchmark.hpp"
#include "plan/suite.hpp"
#include "support.hpp"

using namespace bench_test;
using namespace mneme::harness;

namespace {

const fs::path home = MNEME_SHIPPED;

Overrides overrides() {
    Overrides o;
    o.benchmark_folders = {home / "standard"};
    for (const auto& folder : data_folders()) o.data_folders.push_back(folder);
    return o;
}

std::vector<std::string> labels(const Suite& suite) {
    std::vector<std::string> all;
    for (const auto& method : suite.methods) all.push_back(method.label);
    return all;
}

} // namespace

TEST_CASE("every shipped benchmark is sound") {
    const auto found = find_benchmarks({home / "standard"});
    CHECK(found.size() == 31);
    for (const auto& file : found) {
        INFO(file.name);
        CHECK(file.fault.empty());
        CHECK(!file.title.empty());
        CHECK(!file.reference.empty());
    }
}

TEST_CASE("shipped benchmarks have the tasks, the scenario and the head of their names") {
    struct Row {
        std::size_t tasks;
        std::string scenario;
        int64_t head;
    };
    const std::map<std::string, Row> table{
        {"rotated-mnist-20", {20, "domain", 10}},
        {"permuted-mnist-20", {20, "domain", 10}},
        {"permuted-mnist-50", {50, "domain", 10}},
        {"rotated-mnist-sinkhorn", {20, "domain", 10}},
        {"permuted-mnist-10-benzing", {10, "domain", 10}},
        {"permuted-mnist-5-task", {5, "task", 10}},
        {"permuted-mnist-100-task", {100, "task", 10}},
        {"split-mnist-5-task", {5, "task", 10}},
        {"split-mnist-5-lenet-task", {5, "task", 2}},
        {"split-mnist-5-class", {5, "class", 10}},
        {"split-fashion-5-task", {5, "task", 10}},
        {"split-fashion-5-class", {5, "class", 10}},
        {"rotated-fashion-20", {20, "domain", 10}},
        {"permuted-fashion-20", {20, "domain", 10}},
        {"rotated-fashion-5", {5, "domain", 10}},
        {"permuted-fashion-10-noisy", {10, "domain", 10}},
        {"synthetic-3-domain", {3, "domain", 2}},
        {"synthetic-3-task", {3, "task", 6}},
        {"synthetic-3-class", {3, "class", 6}},
        {"split-cifar100-20", {20, "task", 100}},
        {"split-cifar100-10", {10, "task", 100}},
        {"split-cifar100-10-class", {10, "class", 100}},
        {"split-cifar10-100-6", {6, "task", 60}},
        {"clinc150-10", {10, "task", 150}},
        {"split-tiny-imagenet-10", {10, "task", 200}},
        {"banking77-7", {7, "task", 77}},
        {"split-digits-5-class", {5, "class", 10}},
        {"split-cifar100-features-10-class", {10, "class", 100}},
        {"omniglot-50", {50, "task", 1623}},
        {"omniglot-100", {100, "task", 1623}},
    };
    for (const auto& [name, row] : table) {
        INFO(name);
        const Spec spec = load_benchmark(name, {home / "standard"});
        CHECK(task_names(spec).size() == row.tasks);
        CHECK(spec.scenario.kind == row.scenario);
        CHECK(head_width(spec) == row.head);
    }
    const Spec sinkhorn = load_benchmark("rotated-mnist-sinkhorn", {home / "standard"});
    CHECK(task_names(sinkhorn).back() == "20 rotation 180");
    CHECK(task_names(load_benchmark("permuted-mnist-10-benzing", {home / "standard"})).front() ==
          "01 permutation");
    CHECK(task_names(load_benchmark("permuted-mnist-20", {home / "standard"})).front() ==
          "01 plain");
}

TEST_CASE("the quickstart is nine methods and three seeds on Fashion-MNIST") {
    if (locate(built_in_dataset("fashion-mnist"), {}).empty())
        mneme::test::skip("Fashion-MNIST is not installed: " +
                          built_in_dataset("fashion-mnist").how_to_get);
    const Suite suite = load_suite(home / "suites" / "quickstart.toml", overrides());
    CHECK(labels(suite) == std::vector<std::string>{"finetune", "joint", "er", "ewc", "si", "mas",
                                                    "agem", "mcsgd", "rebasin"});
    CHECK(suite.seeds == std::vector<int64_t>{1, 2, 3});
    const auto& stream = suite.benchmarks.at(0).spec.stream;
    CHECK(stream.dataset == "fashion-mnist");
    CHECK(stream.degrees_per_task == 36);
    CHECK(stream.train_examples >= 2000);
    const auto& noisy = suite.benchmarks.at(1).spec.stream;
    CHECK(noisy.dataset == "fashion-mnist");
    CHECK(noisy.label_noise == 0.4);
}

TEST_CASE("supermask suites give SupSup the epochs that ExSSNeT has in all") {
    if (locate(built_in_dataset("mnist"), data_folders()).empty())
        mneme::test::skip("MNIST is not here: " + built_in_dataset("mnist").how_to_get);
    const std::map<std::string, std::size_t> rows{
        {"exssnet-density", 6}, {"exssnet-density-cheap", 3}, {"exssnet-100", 2}};
    for (const auto& [name, least] : rows) {
        INFO(name);
        const Suite suite = load_suite(home / "suites" / (name + ".toml"), overrides());
        CHECK(suite.methods.size() >= least);
        std::set<int64_t> totals;
        for (const auto& method : suite.methods) {
            int64_t epochs = 0;
            for (const auto& [key, setting] : method.options)
                if (key == "mask_epochs" || key == "weight_epochs")
                    epochs += setting.value.get<int64_t>();
            if (method.plugin == "supsup" || method.plugin == "exssnet") totals.insert(epochs);
        }
        CHECK(totals.size() == 1);
    }
}

TEST_CASE("the cheap stream has the settings of its table") {
    if (locate(built_in_dataset("mnist"), data_folders()).empty())
        mneme::test::skip("MNIST is not here: " + built_in_dataset("mnist").how_to_get);
    const Suite suite = load_suite(home / "suites" / "rot20-8k.toml", overrides());
    CHECK(labels(suite) ==
          std::vector<std::string>{"finetune", "ewc_online", "agem", "er", "joint"});
    CHECK(suite.benchmarks.at(0).spec.name == "rotated-mnist-20");
    const std::vector<double> rates{0.01, 0.03, 0.1, 0.1, 0.1};
    for (std::size_t m = 0; m < rates.size(); ++m) {
        INFO(suite.methods[m].label);
        CHECK(suite.methods[m].train.at(0).first == "lr");
        CHECK(suite.methods[m].train.at(0).second.value == rates[m]);
    }
}

TEST_CASE(
    "the main comparison of MC-SGD names its choices in the labels, and has one schedule for all "
    "stable rows") {
    if (locate(built_in_dataset("mnist"), data_folders()).empty())
        mneme::test::skip("MNIST is not here: " + built_in_dataset("mnist").how_to_get);
    const Suite suite = load_suite(home / "suites" / "mc-sgd-table.toml", overrides());
    CHECK(labels(suite) ==
          std::vector<std::string>{"finetune", "stable-sgd", "ewc-running", "agem", "agem-stable",
                                   "er", "er-reservoir", "er-stable", "stable-sgd-memory",
                                   "mcsgd-bar-averaging", "mcsgd-bar-exact-mean", "joint"});
    CHECK(suite.benchmarks.size() == 2);
    const auto written = [](const Settings& train) {
        std::map<std::string, Json> values;
        for (const auto& [key, setting] : train) values[key] = setting.value;
        return values;
    };
    for (const auto& m : suite.methods) {
        INFO(m.label);
        const bool stable = m.label.find("stable") != m.label.npos || m.plugin == "mcsgd";
        CHECK((written(m.train) == written(suite.methods[1].train)) == stable);
    }
}
