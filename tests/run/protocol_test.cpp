// SPDX-License-Identifier: Apache-2.0
// What the harness promises every method: order, neutral settings, resume, outcomes.
#include "catch.hpp"

#include <algorithm>
#include <cmath>

#include <benchmarks/dataset.hpp>
#include <benchmarks/tasks.hpp>
#include <plan/datasets.hpp>

#include "support.hpp"

using namespace mneme::test;
using mneme::protocol::Json;
namespace bench = mneme::bench;
namespace harness = mneme::harness;
namespace results = mneme::results;

namespace {

bool equal(const results::Block& a, const results::Block& b) {
    return a.n_correct.data == b.n_correct.data &&
           a.n_correct_task_aware.data == b.n_correct_task_aware.data &&
           a.loss.shape == b.loss.shape &&
           std::equal(
               a.loss.data.begin(), a.loss.data.end(), b.loss.data.begin(),
               [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

} // namespace

TEST_CASE("the same request gives the same facts", "[run]") {
    for (const char* plugin : {"finetune", "er", "agem", "ewc", "ewc_online", "joint"}) {
        std::string difference;
        CHECK(same_facts(run(cell(plugin, small_stream(), {7}))[0],
                         run(cell(plugin, small_stream(), {7}))[0], difference));
        CHECK(difference == "");
    }
}

TEST_CASE("neutral options give fine-tuning bit for bit", "[run]") {
    const Json train = {{"lr", 0.1}, {"batch_size", 10}, {"momentum", 0.5}, {"dropout", 0.2}};
    auto same_rate = train; // in every task
    same_rate["lr_decay"] = 1, same_rate["lr_min"] = 0;
    for (const char* scenario : {"domain", "task", "class"}) {
        const auto naive = run(cell("finetune", small_stream(scenario), {3}, {}, train))[0];
        CHECK(
            equal(naive, run(cell("ewc", small_stream(scenario), {3}, {{"lambda", 0}}, train))[0]));
        CHECK(equal(naive, run(cell("ewc_online", small_stream(scenario), {3},
                                    {{"lambda", 0}, {"fisher", "sample"}}, train))[0]));
        CHECK(equal(naive, run(cell("ewc_online", small_stream(scenario), {3},
                                    {{"lambda", 0}, {"consolidate", "running"}}, train))[0]));
        CHECK(equal(naive, run(cell("si", small_stream(scenario), {3}, {{"c", 0}}, train))[0]));
        CHECK(
            equal(naive, run(cell("mas", small_stream(scenario), {3}, {{"lambda", 0}}, train))[0]));
        CHECK_FALSE(
            equal(naive, run(cell("ewc", small_stream(scenario), {3}, {{"lambda", 5}}, train))[0]));
        CHECK(equal(naive, run(cell("mcsgd", small_stream(scenario), {3},
                                    {{"rho", 1}, {"lr_line", 0}, {"points", 1}}, same_rate))[0]));
    }
    // One task: nothing is remembered yet.
    const auto one = run(cell("finetune", small_stream("domain", 1), {3}, {}, train))[0];
    for (const char* plugin : {"er", "agem"})
        CHECK(equal(one, run(cell(plugin, small_stream("domain", 1), {3}, {}, train))[0]));
    CHECK(equal(one, run(cell("mcsgd", small_stream("domain", 1), {3}, {}, train))[0]));
    for (const char* mode : {"incremental", "all"})
        CHECK(equal(
            one, run(cell("joint", small_stream("domain", 1), {3}, {{"mode", mode}}, train))[0]));
}

TEST_CASE(
    "importance leaves out the last batch that is not full and takes adam, unless told otherwise; "
    "c = 0 is fine-tuning",
    "[run]") {
    auto spec = small_stream(); // 93 examples
    spec.train.epochs = 2;
    spec.train.lr.reset();
    const auto own = run(cell("importance", spec, {3}, {{"measure", "sib"}, {"c", 0}}))[0];
    CHECK(own.optimizer_steps.at({0, 0, 0}) == 2 * 9);
    CHECK(own.train_samples.at({0, 0, 0}) == 2 * 2 * 90); // both batches of a step are on the bill
    const Json told = {{"optimizer", "adam"}, {"lr", 1e-3}, {"drop_last", true}};
    CHECK(equal(own, run(cell("finetune", spec, {3}, {}, told))[0]));
    CHECK(run(cell("importance", spec, {3}, {}, {{"drop_last", false}}))[0].optimizer_steps.at(
              {0, 0, 0}) == 2 * 10);
    CHECK(run(cell("importance", spec, {3}))[0].train_samples.at({0, 0, 0}) == 2 * 90);
}

TEST_CASE("joint all has a last row only", "[run]") {
    const auto b = run(cell("joint", small_stream(), {1}, {{"mode", "all"}}))[0];
    for (std::size_t i : {0u, 1u})
        for (std::size_t j : {0u, 1u, 2u}) CHECK(b.n_correct.at({0, 0, i, j}) == -1);
    for (std::size_t j : {0u, 1u, 2u}) CHECK(b.n_correct.at({0, 0, 2, j}) >= 0);
    CHECK(b.train_samples.at({0, 0, 2}) == 3 * 12 * 93);
}

TEST_CASE(
    "joint trains on a union of a task that all seeds see alike and tasks of which each has its "
    "own",
    "[run]") {
    const bench::DatasetInfo& fashion = harness::built_in_dataset("fashion-mnist");
    if (bench::locate(fashion, {}).empty())
        skip("Fashion-MNIST is not installed: " + fashion.how_to_get);
    bench::Spec spec;
    spec.datasets = {fashion};
    spec.name = "permuted";
    spec.stream.kind = "permuted", spec.stream.dataset = "fashion-mnist", spec.stream.tasks = 3;
    spec.stream.train_examples = 40, spec.stream.test_examples = 20;
    spec.scenario.kind = "domain";
    spec.network.hidden = {16};
    const auto both = run(cell("joint", spec, {1, 2}, {{"mode", "all"}}));
    for (std::size_t r : {0u, 1u}) {
        CHECK(both[r].outcome.at({0, 0}) == 0);
        CHECK(both[r].train_samples.at({0, 0, 2}) == 120);
        std::string difference;
        CHECK(same_facts(
            both[r], run(cell("joint", spec, {static_cast<int64_t>(r) + 1}, {{"mode", "all"}}))[0],
            difference));
        CHECK(difference == "");
    }
}

TEST_CASE("a seeded order of classes is in the results: the label of each class, by seed",
          "[run]") {
    const bench::DatasetInfo& fashion = harness::built_in_dataset("fashion-mnist");
    if (bench::locate(fashion, {}).empty())
        skip("Fashion-MNIST is not installed: " + fashion.how_to_get);
    bench::Spec spec;
    spec.datasets = {fashion};
    spec.name = "seeded";
    spec.stream.kind = "split", spec.stream.dataset = "fashion-mnist";
    spec.stream.classes_per_task = 5;
    spec.stream.train_examples = 40, spec.stream.test_examples = 20;
    spec.scenario.kind = "class";
    spec.network.hidden = {8};
    CHECK(run(cell("finetune", spec, {3}))[0].class_map.empty());
    spec.stream.class_order.seeded = true;
    const auto block = run(cell("finetune", spec, {3}))[0];
    const auto map = bench::class_map(spec, 3);
    CHECK(block.class_map.shape == std::vector<std::size_t>{1, 10});
    CHECK(std::vector<int64_t>(block.class_map.data.begin(), block.class_map.data.end()) == map);
}

TEST_CASE("the class scenario hides tasks that have not begun", "[run]") {
    const auto b = run(cell("finetune", small_stream("class"), {1}))[0];
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = i + 1; j < 3; ++j) {
            CHECK(b.n_correct.at({0, 0, i, j}) == 0);
            CHECK(std::isnan(b.loss.at({0, 0, i, j})));
        }
    int64_t aware = 0, agnostic = 0;
    for (std::size_t j = 0; j < 3; ++j) {
        aware += b.n_correct_task_aware.at({0, 0, 2, j});
        agnostic += b.n_correct.at({0, 0, 2, j});
        CHECK(b.n_correct_task_aware.at({0, 0, 2, j}) >= b.n_correct.at({0, 0, 2, j}));
        CHECK(b.initial_correct.at({0, 0, j}) == 0);
    }
    CHECK(aware > agnostic);
    int64_t confused = 0; // every test example stands once in the last row's table
    for (std::size_t a = 0; a < 9; ++a)
        for (std::size_t c = 0; c < 9; ++c) confused += b.confusion.at({0, 0, 2, a, c});
    CHECK(confused == 3 * 40);
}

TEST_CASE("logits = all: classes to come count in training and at test", "[run]") {
    auto spec = small_stream("class");
    const auto seen = run(cell("finetune", spec, {1}))[0];
    spec.scenario.logits = "all";
    const auto all = run(cell("finetune", spec, {1}))[0];
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = i + 1; j < 3; ++j) {
            // What is not yet learned has been trained to be improbable, and chance gives nothing.
            CHECK(all.loss.at({0, 0, i, j}) > std::log(9.0));
            CHECK(all.n_correct.at({0, 0, i, j}) == 0);
        }
    // The same data, order and weights: only the rule is another.
    CHECK(all.data_digest.data == seen.data_digest.data);
    CHECK(all.loss.at({0, 0, 2, 0}) != seen.loss.at({0, 0, 2, 0}));
}

TEST_CASE("fine-tuning learns each task of the small stream and forgets it", "[run]") {
    int64_t learned = 0, kept = 0, replayed = 0;
    for (const auto& b : run(cell("finetune", small_stream(), {1, 2, 3, 4, 5})))
        for (std::size_t t = 0; t < 3; ++t) {
            CHECK(b.n_correct.at({0, 0, t, t}) >= 24); // of 40; chance is 13
            learned += b.n_correct.at({0, 0, t, t});
            kept += b.n_correct.at({0, 0, 2, t});
        }
    for (const auto& b :
         run(cell("er", small_stream(), {1, 2, 3, 4, 5}, {{"memory_per_class", 20}})))
        for (std::size_t t = 0; t < 3; ++t) replayed += b.n_correct.at({0, 0, 2, t});
    CHECK(learned > 15 * 34);
    CHECK(kept < learned - 15 * 5);
    CHECK(replayed > kept + 15 * 2);
}

// With a rate that moves nothing the curve of the training loss tells which rows came when, and
// under which masks of dropout.
TEST_CASE("the memory leaves batch order and dropout of the current rows as they are", "[run]") {
    const Json train = {{"lr", 1e-30}, {"momentum", 0}, {"dropout", 0.5}, {"epochs", 3}};
    const auto curve = [&](const char* plugin, const Json& options, int64_t seed = 3) {
        return run(cell(plugin, small_stream(), {seed}, options, train))[0].train_loss.data;
    };
    const auto naive = curve("finetune", {});
    const auto gap = [&](const std::vector<double>&
                             other) { // the largest; a point that is missing is missing in both
        double most = 0;
        for (std::size_t k = 0; k < naive.size(); ++k)
            if (!(std::isnan(naive[k]) && std::isnan(other[k])))
                most = std::max(
                    most, std::isnan(naive[k] + other[k]) ? 1e9 : std::abs(naive[k] - other[k]));
        return most;
    };
    REQUIRE(std::count_if(naive.begin(), naive.end(), [](double v) { return !std::isnan(v); }) >
            60);
    CHECK(gap(curve("finetune", {}, 4)) > 0.01);
    for (const char* plugin : {"er", "agem"})
        for (int64_t draw : {1, 5, 64})
            CHECK(gap(curve(plugin, {{"policy", "ring"},
                                     {"memory_per_class", 4},
                                     {"memory_batch", draw}})) < 1e-6);
    CHECK(gap(curve("er", {{"policy", "reservoir"}, {"memory", 20}})) < 1e-6);
    CHECK(gap(curve("ewc", {})) < 1e-6);
}

TEST_CASE("the stream does not depend on the method", "[run]") {
    const auto a = run(cell("finetune", small_stream(), {4}))[0],
               b = run(cell("agem", small_stream(), {4}, {{"memory_per_class", 5}},
                            {{"batch_size", 4}}))[0];
    CHECK(a.data_digest.data == b.data_digest.data);
    CHECK(a.initial_correct.data == b.initial_correct.data);
    const auto other = run(cell("finetune", small_stream(), {5}))[0];
    CHECK(a.data_digest.data != other.data_digest.data);
}

TEST_CASE("costs are counted", "[run]") {
    const auto b = run(cell("er", small_stream(), {1}, {{"memory_per_class", 2}}))[0];
    for (std::size_t t = 0; t < 3; ++t) {
        CHECK(b.train_samples.at({0, 0, t}) == 12 * 93);
        CHECK(b.optimizer_steps.at({0, 0, t}) == 120);
        // per row: 12 inputs and a weight in float32, label and task in int64
        CHECK(b.kept_bytes.at({0, 0, t}) ==
              static_cast<double>((t + 1) * 3 * 2 * (12 * 4 + 4 + 8 + 8)));
    }
    CHECK(run(cell("finetune", small_stream(), {1}))[0].kept_bytes.at({0, 0, 2}) == 0);
}
