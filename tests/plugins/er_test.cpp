// SPDX-License-Identifier: Apache-2.0
// Experience replay: the joint batch's mean, each row under its own task's head; and what the
// memory does not touch.
#include "catch.hpp"

#include "plugin_batches.hpp"

using namespace mneme;
using namespace mneme::test;

namespace {

Layout layout(const std::string& scenario = "domain", double dropout = 0) {
    Layout l{.features = 3,
             .hidden = {6},
             .seeds = {1, 2},
             .scenario = scenario,
             .classes = 4,
             .tasks = {{0, 1}, {2, 3}},
             .dropout = dropout};
    if (scenario == "domain") l.tasks = {{0, 1, 2, 3}, {0, 1, 2, 3}};
    return l;
}

Batch task_batch(int64_t task, uint32_t which) {
    const int64_t low = task == 0 ? 0 : 2;
    return batch(2, numbers(2 * 4 * 3, which),
                 {low, low + 1, low, low + 1, low + 1, low + 1, low, low},
                 std::vector<int64_t>(8, task));
}

struct Class {
    Class(const Layout& l, const std::string& plugin, const Json& options = Json::object())
        : fixture(l) {
        for (int64_t t : {0, 1})
            fixture.set_examples(t, make_task_data(12, 3, l.tasks[static_cast<std::size_t>(t)],
                                                   static_cast<uint32_t>(t)));
        learner = std::make_unique<PluginLearner>(fixture, plugin, options,
                                                  Json{{"lr", 0.1}, {"momentum", 0}});
    }
    SessionFixture fixture;
    std::unique_ptr<PluginLearner> learner;
};

} // namespace

TEST_CASE("er: an empty memory is plain descent, bit for bit") {
    for (const char* policy : {"class_balanced", "ring"}) {
        Class er(layout("domain", 0.3), "er", {{"policy", policy}}),
            naive(layout("domain", 0.3), "finetune");
        er.learner->begin_task(0), naive.learner->begin_task(0);
        for (uint32_t k = 0; k < 5; ++k) {
            er.learner->observe(task_batch(0, k), 0, k),
                naive.learner->observe(task_batch(0, k), 0, k);
            CHECK(er.learner->theta() == naive.learner->theta());
        }
    }
}

TEST_CASE("er: a step is the mean over both parts, each row under its own task's head") {
    for (const char* scenario : {"domain", "task", "class"}) {
        INFO(scenario);
        Class er(layout(scenario), "er",
                 {{"policy", "ring"}, {"memory_per_class", 1}, {"memory_batch", 50}});
        auto& s = *er.learner;
        s.begin_task(0);
        s.observe(task_batch(0, 1), 0,
                  0); // the last of class 0 and of class 1 are stored: rows 2 and
                      // 3; in replica 1, rows 3 and 1
        s.end_task(0);
        s.begin_task(1);
        const auto before = s.theta();
        s.observe(task_batch(1, 2), 1, 0);
        const auto after = s.theta(), old = task_batch(0, 1).x.to_vector(),
                   now = task_batch(1, 2).x.to_vector();
        const auto& net = er.fixture.net();
        const auto columns = net.columns();
        std::vector<double> wanted;
        for (int64_t replica = 0; replica < 2; ++replica) {
            const auto theta = tensor(
                {before.begin() + replica * columns, before.begin() + (replica + 1) * columns},
                {columns});
            const auto input = [&](const std::vector<double>& x, int64_t row) {
                const auto from = x.begin() + (replica * 4 + row) * 3;
                return tensor({from, from + 3}, {1, 3});
            };
            const std::vector<int64_t> all{0, 1, 2, 3};
            const bool by_task = std::string(scenario) == "task";
            const auto first = by_task ? std::vector<int64_t>{0, 1} : all,
                       second = by_task ? std::vector<int64_t>{2, 3} : all;
            std::vector<Example> rows{{input(old, replica ? 3 : 2), 0, first},
                                      {input(old, replica ? 1 : 3), 1, first}};
            const std::vector<int64_t> labels =
                replica ? std::vector<int64_t>{3, 3, 2, 2} : std::vector<int64_t>{2, 3, 2, 3};
            for (int64_t b = 0; b < 4; ++b)
                rows.push_back({input(now, b), labels[static_cast<std::size_t>(b)], second});
            std::vector<double> g;
            for (const auto& e : rows)
                add(g, derivative(theta, [&](const Tensor& t) { return e.loss(net, t, e.label); }),
                    1.0 / 6);
            for (int64_t k = 0; k < columns; ++k)
                wanted.push_back(before[static_cast<std::size_t>(replica * columns + k)] -
                                 0.1 * g[static_cast<std::size_t>(k)]);
        }
        CHECK(distance(after, wanted) < 1e-6);
    }
}

TEST_CASE("er and agem: the size of the memory batch leaves the current rows' dropout as it is") {
    // Stored rows are made weightless, so that a step tells nothing but the current rows, masks and
    // all.
    Class naive(layout("domain", 0.5), "finetune");
    naive.learner->begin_task(0), naive.learner->end_task(0), naive.learner->begin_task(1);
    const auto start = naive.learner->theta();
    naive.learner->observe(task_batch(1, 2), 1, 3);
    const auto wanted = naive.learner->theta();
    for (const char* plugin : {"er", "agem"})
        for (int64_t draw : {1, 3, 7}) {
            INFO(plugin << ", memory_batch " << draw);
            Class one(layout("domain", 0.5), plugin,
                      {{"policy", "ring"}, {"memory_per_class", 2}, {"memory_batch", draw}});
            auto& s = *one.learner;
            s.begin_task(0);
            for (uint32_t k : {0, 1, 2}) s.observe(task_batch(0, k), 0, k);
            s.end_task(0);
            s.begin_task(1);
            s.put("weights.theta", start);
            s.put("memory.store.weight",
                  std::vector<double>(s.state()["memory.store.weight"].size(), 0));
            s.observe(task_batch(1, 2), 1, 3);
            CHECK(distance(s.theta(), wanted) < 1e-6);
        }
    naive.learner->put("weights.theta", start);
    naive.learner->observe(task_batch(1, 2), 1,
                           4); // another step has other masks: the proof can fail
    CHECK(distance(naive.learner->theta(), wanted) > 1e-3);
}

TEST_CASE("er: the reservoir replays from the second step of the first task") {
    Class er(layout(), "er", {{"policy", "reservoir"}, {"memory", 5}}), naive(layout(), "finetune");
    er.learner->begin_task(0), naive.learner->begin_task(0);
    er.learner->observe(task_batch(0, 0), 0, 0), naive.learner->observe(task_batch(0, 0), 0, 0);
    CHECK(er.learner->theta() == naive.learner->theta());
    er.learner->observe(task_batch(0, 1), 0, 1), naive.learner->observe(task_batch(0, 1), 0, 1);
    CHECK(er.learner->theta() != naive.learner->theta());
    CHECK(er.learner->state()["memory.store.y"].size() == 2 * 5);
}
