// SPDX-License-Identifier: Apache-2.0
// From answers to cells: identity, bundling, refusals.
#include <set>

#include "catch.hpp"
#include "planned.hpp"

using namespace plan_test;

TEST_CASE("what the worker is asked") {
    const Suites suites;
    const auto planned =
        prepare(suites, "[[method]]\nplugin = \"ewc\"\nlambda = 2.5\ntrain = { lr = 0.5 }\n");
    const auto request = construct_request(planned.suite, planned.plugins, true);
    CHECK(request.gpu);
    CHECK_FALSE(construct_request(planned.suite, planned.plugins, false).gpu);
    REQUIRE(request.entries.size() == 1);
    const auto& entry = request.entries[0];
    CHECK(entry.plugin == "/p/ewc.so");
    CHECK(entry.id == "ewc");
    REQUIRE(entry.options.size() == 1);
    CHECK(entry.options[0].first == "lambda");
    CHECK(entry.options[0].second.value == 2.5);
    CHECK(suites.folder.shorten(entry.options[0].second.where) == "s.toml:5:1");
    REQUIRE(entry.train.size() == 1);
    CHECK(entry.train[0].second.value == 0.5);
    CHECK(entry.spec.stream.tasks == 3);
}

TEST_CASE(
    "on a CPU one run a cell, in the order of methods and seeds; effective values from the "
    "answers") {
    const Suites suites;
    const auto plan = prepare(suites, grid).plan();
    CHECK(shape(plan) ==
          "e[lambda=1,memory=3]:1 | e[lambda=1,memory=3]:2 | e[lambda=2,memory=3]:1 | "
          "e[lambda=2,memory=3]:2 | "
          "e[lambda=1,memory=4]:1 | e[lambda=1,memory=4]:2 | e[lambda=2,memory=4]:1 | "
          "e[lambda=2,memory=4]:2 | f:1 | f:2 ");
    CHECK(plan.labels == std::vector<std::string>{"e[lambda=1,memory=3]", "e[lambda=1,memory=4]",
                                                  "e[lambda=2,memory=3]", "e[lambda=2,memory=4]",
                                                  "f"});
    CHECK(plan.benchmarks == std::vector<std::string>{"tiny"});
    CHECK(plan.seeds == std::vector<int64_t>{1, 2});
    const Cell& last = plan.cells.back();
    CHECK(last.runs[0].effective_options == Json{{"lambda", 10.0}, {"memory", 5}});
    CHECK(last.runs[0].effective_train.at("lr_decay") == 1.0);
    CHECK(last.runs[0].digest == protocol::run_digest(last, last.runs[0]));
    CHECK(last.plugin.path == "/p/f.so");
    CHECK(last.plugin.sha256 == "77");
    CHECK(last.plugin.version == "1.0");
    CHECK(last.plugin.paper == "arXiv");
    CHECK(last.limits.stall_s == 600);
    std::set<std::string> digests;
    for (const auto& cell : plan.cells) digests.insert(cell.runs[0].digest);
    CHECK(digests.size() == 10);
}

TEST_CASE(
    "bundles: --replicas N on a CPU, everything that fits on a GPU; the same runs in every "
    "bundle") {
    const Suites suites;
    auto planned = prepare(suites, grid);
    const auto digests = [](const Plan& plan) {
        std::set<std::string> found;
        for (const auto& cell : plan.cells)
            for (const auto& run : cell.runs) found.insert(run.digest);
        return found;
    };
    const auto alone = digests(planned.plan());
    planned.options.replicas = 3;
    CHECK(shape(planned.plan()) ==
          "e[lambda=1,memory=3]:1 e[lambda=1,memory=3]:2 e[lambda=2,memory=3]:1 | "
          "e[lambda=2,memory=3]:2 | "
          "e[lambda=1,memory=4]:1 e[lambda=1,memory=4]:2 e[lambda=2,memory=4]:1 | "
          "e[lambda=2,memory=4]:2 | f:1 f:2 ");
    CHECK(digests(planned.plan()) == alone);
    planned.options.replicas = 0;
    planned.options.execution.device = "cuda";
    CHECK(shape(planned.plan()) ==
          "e[lambda=1,memory=3]:1 e[lambda=1,memory=3]:2 e[lambda=2,memory=3]:1 "
          "e[lambda=2,memory=3]:2 | "
          "e[lambda=1,memory=4]:1 e[lambda=1,memory=4]:2 e[lambda=2,memory=4]:1 "
          "e[lambda=2,memory=4]:2 | f:1 f:2 ");
    CHECK(digests(planned.plan()) != alone); // the device kind is part of a run's identity

    const std::string rates =
        "[[method]]\nplugin = \"f\"\ntrain = { lr = { grid = [0.1, 0.2] }, momentum = { grid = "
        "[0.0, 0.5] } }\n";
    auto train = prepare(suites, rates);
    train.options.execution.device = "cuda";
    CHECK(shape(train.plan()) ==
          "f[lr=0.1,momentum=0]:1 f[lr=0.1,momentum=0]:2 f[lr=0.2,momentum=0]:1 "
          "f[lr=0.2,momentum=0]:2 | "
          "f[lr=0.1,momentum=0.5]:1 f[lr=0.1,momentum=0.5]:2 f[lr=0.2,momentum=0.5]:1 "
          "f[lr=0.2,momentum=0.5]:2 ");
    auto single = prepare(suites, rates, {});
    single.options.execution.device = "cuda";
    CHECK(single.plan().cells.size() == 8); // not flagged batched
}

TEST_CASE("refusals at plan time") {
    Suites suites;
    auto needy = prepare(suites, "[[method]]\nplugin = \"supsup\"\n", {"batched", "needs_task_id"});
    CHECK(suites.folder.shorten(fault_of([&] { needy.plan(); })) ==
          "65 s.toml:3:1: method \"supsup\" needs the task identity at test, "
          "which benchmark \"tiny\" (scenario domain) hides; use a benchmark of "
          "scenario task");
    std::string hiding = tiny;
    hiding.insert(hiding.find("[network]"), "boundaries = \"hidden\"\n");
    suites.folder.write("b/tiny.toml", hiding);
    for (const char* flag : {"needs_task_boundaries", "oracle"}) {
        auto told = prepare(suites, "[[method]]\nplugin = \"ewc\"\n", {flag});
        CHECK(suites.folder.shorten(fault_of([&] { told.plan(); })) ==
              "65 s.toml:3:1: method \"ewc\" needs to know where a task ends, which benchmark "
              "\"tiny\" hides; use a benchmark with boundaries = \"announced\"");
    }
    CHECK(prepare(suites, "[[method]]\nplugin = \"er\"\n", {"batched"}).plan().cells.size() == 2);
    suites.folder.write("b/tiny.toml", std::string(tiny) + "[scenario]\nkind = \"task\"\n");
    needy = prepare(suites, "[[method]]\nplugin = \"supsup\"\n", {"needs_task_id"});
    CHECK(needy.plan().cells.size() == 2);

    auto twins = prepare(
        suites,
        "[[method]]\nplugin = \"f\"\n[[method]]\nname = \"g\"\nplugin = \"f\"\nlambda = 10\n");
    CHECK(suites.folder.shorten(fault_of([&] { twins.plan(); })) ==
          "65 s.toml:5:1: method \"g\" asks for the same runs as \"f\"; give them other "
          "settings, or remove one of the two");

    auto refused = prepare(suites, "[[method]]\nplugin = \"f\"\n");
    refused.answers[0] = protocol::Refused{0, "s.toml:5:1: unknown option"};
    CHECK(fault_of([&] { refused.plan(); }) == "69 s.toml:5:1: unknown option");
    refused.answers.clear();
    CHECK(fault_of([&] { refused.plan(); }) ==
          "70 mneme-worker construct: no answer for entry 0; expected one for each of 1 entries");

    auto coarse = prepare(suites, "precision = \"tf32\"\n[[method]]\nplugin = \"f\"\n");
    CHECK(suites.folder.shorten(fault_of([&] { coarse.plan(); })) ==
          "65 s.toml: precision is \"tf32\", which a CPU does not have; use \"fp32\", or "
          "--device cuda");

    auto floor = prepare(suites, "[[method]]\nplugin = \"f\"\n");
    std::get<protocol::Constructed>(floor.answers[0]).train["lr_min"] = 0.5;
    CHECK(suites.folder.shorten(fault_of([&] { floor.plan(); })) ==
          "65 s.toml:3:1: method \"f\" on \"tiny\": lr_min is 0.5 and lr is 0.01; expected a floor "
          "of at most lr");
}

TEST_CASE("answers may come in any order") {
    const Suites suites;
    auto planned = prepare(suites, grid);
    const std::string expected = to_json(planned.plan()).dump();
    std::reverse(planned.answers.begin(), planned.answers.end());
    CHECK(to_json(planned.plan()).dump() == expected);
}

TEST_CASE("a batch of one row is refused where normalisation has one value a channel") {
    const Suites suites;
    auto planned = prepare(suites, "[[method]]\nplugin = \"er\"\ntrain = { batch_size = 32 }\n");
    auto& spec = planned.suite.benchmarks[0].spec;
    spec.stream.kind = "split";
    spec.stream.dataset = "mine";
    spec.stream.classes_per_task = 2;
    spec.network.kind = "resnet18";
    mneme::bench::DatasetInfo mine;
    mine.name = "mine";
    mine.classes = 4;
    mine.shape = {1, 8, 8}; // the last map of resnet18 is of one pixel
    spec.datasets = {mine};
    Json& train = std::get<protocol::Constructed>(planned.answers[0]).train;
    const auto fault_with = [&](int64_t examples) {
        planned.suite.tasks = {{{{"01 classes 0 1", {0, 1}, examples, 10, 2, 2}}}};
        return suites.folder.shorten(fault_of([&] { planned.plan(); }));
    };
    CHECK(fault_with(65) ==
          "65 s.toml:3:1: method \"er\" on \"tiny\": batch_size is 32, which gives task \"01 "
          "classes 0 1\" of 65 examples a batch of one, and its normalisation has one value a "
          "channel; use another batch_size, drop_last = true or norm = \"group\"");
    CHECK(fault_with(64) == "");
    train["drop_last"] = true;
    CHECK(fault_with(65) == "");
    train["batch_size"] = 1;
    CHECK(fault_with(64) != "");
    spec.network.norm = "group";
    CHECK(fault_with(64) == "");
    spec.network.norm = "batch";
    spec.datasets[0].shape = {1, 16, 16};
    CHECK(fault_with(64) == "");
}

TEST_CASE("seeds whose examples differ have cells of their own") {
    const Suites suites;
    auto planned = prepare(suites, "[[method]]\nplugin = \"f\"\n");
    planned.options.replicas = 8;
    CHECK(shape(planned.plan()) == "f:1 f:2 ");
    auto& stream = planned.suite.benchmarks[0].spec.stream;
    stream.label_noise = 0.2;
    CHECK(shape(planned.plan()) == "f:1 | f:2 ");
    stream.label_noise = 0, stream.imbalance = 10;
    CHECK(shape(planned.plan()) == "f:1 | f:2 ");
}

TEST_CASE("a stream that shows each example once takes no second epoch") {
    const Suites suites;
    auto planned = prepare(suites, "[[method]]\nplugin = \"er\"\n");
    Json& train = std::get<protocol::Constructed>(planned.answers[0]).train;
    planned.suite.benchmarks[0].spec.stream.online = true;
    train["epochs"] = 2;
    CHECK(suites.folder.shorten(fault_of([&] { planned.plan(); })) ==
          "65 s.toml:3:1: method \"er\" trains 2 epochs on benchmark \"tiny\", which shows each "
          "example once; set epochs = 1");
    train["epochs"] = 1;
    CHECK(fault_of([&] { planned.plan(); }) == "");
}
