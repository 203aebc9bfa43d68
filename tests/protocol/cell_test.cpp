// SPDX-License-Identifier: Apache-2.0
// A cell on the wire, and the names of its runs.
#include <fstream>
#include <set>

#include "catch.hpp"
#include "protocol/cell.hpp"
#include "protocol/codec.hpp"
#include "protocol/train_settings.hpp"
#include "support.hpp"

using namespace mneme::protocol;
using namespace protocol_test;

TEST_CASE("a run's digest agrees with a script that shares no code with the harness") {
    std::ifstream file(MNEME_PLAN_DATA "/golden.json");
    const Json golden = Json::parse(file);
    Cell cell;
    cell.data.benchmark.digest = golden.at("tiny");
    cell.plugin.id = "ewc";
    cell.data.most_train = 500;
    cell.data.most_test = 100;
    Run run;
    run.seed = 2;
    run.effective_options = {{"lambda", 10.0},
                             {"fisher", "exact"},
                             {"fisher_samples", 1000},
                             {"accent \u00e9 \"q\"", true}};
    auto train = train_defaults();
    train.lr = 0.1;
    train.momentum = 0;
    train.batch_size = 10;
    run.effective_train = to_json(train);
    CHECK(run_digest(cell, run) == golden.at("run"));

    // What is not part of the identity does not move it; what is, does.
    Cell other = cell;
    other.plugin.sha256 = "other";
    other.plugin.version = "9";
    other.execution.threads = 4;
    other.output = "/elsewhere";
    other.evaluation.weights = "task_ends";
    run.label = "another";
    CHECK(run_digest(other, run) == golden.at("run"));
    std::set<std::string> digests{golden.at("run").get<std::string>()};
    const auto moved = [&](auto change) {
        Cell c = cell;
        Run r = run;
        change(c, r);
        return digests.insert(run_digest(c, r)).second;
    };
    CHECK(moved([](Cell& c, Run&) { c.data.benchmark.digest = "x"; }));
    CHECK(moved([](Cell& c, Run&) { c.plugin.id = "x"; }));
    CHECK(moved([](Cell& c, Run&) { c.data.most_train = 501; }));
    CHECK(moved([](Cell& c, Run&) { c.data.most_test = 0; }));
    CHECK(moved([](Cell& c, Run&) { c.data.evaluate_on = "validation"; }));
    CHECK(moved([](Cell& c, Run&) { c.evaluation.tasks = "seen"; }));
    CHECK(moved([](Cell& c, Run&) { c.evaluation.tasks = "last"; }));
    CHECK(moved([](Cell& c, Run&) { c.evaluation.every = 10; }));
    CHECK(moved([](Cell& c, Run&) { c.evaluation.points = 10; }));
    CHECK(moved([](Cell& c, Run&) { c.evaluation.predictions = true; }));
    CHECK(moved([](Cell& c, Run&) { c.evaluation.brier_score = true; }));
    CHECK(moved([](Cell& c, Run&) { c.execution.precision = "tf32"; }));
    CHECK(moved([](Cell& c, Run&) { c.execution.device = "cuda"; }));
    CHECK(moved([](Cell&, Run& r) { r.seed = 3; }));
    CHECK(moved([](Cell&, Run& r) { r.effective_options["lambda"] = 10.5; }));
    CHECK(moved([](Cell&, Run& r) { r.effective_train["lr"] = 0.2; }));
}

TEST_CASE("a cell survives JSON exactly") {
    const Cell cell = full_cell();
    const Json json = to_json(cell);
    CHECK(to_json(cell_from_json(Json::parse(json.dump()))) == json);
    const Cell again = cell_from_json(json);
    CHECK(again.limits.wall_s == 0.1);
    CHECK(again.limits.memory_mib == 12);
    CHECK(again.execution.threads == 3);
    CHECK(again.plugin.note == "two\nlines");
    CHECK(again.runs[0].options[0].first == "lambda");
    CHECK(again.runs[0].options[0].second.where == "s.toml:5:1");
    CHECK(again.spec().stream.tasks == 3);
}

TEST_CASE("a cell with any key missing, or of another type, is refused and the key is named") {
    const Json json = to_json(full_cell());
    const auto fault = [](const Json& broken) { return fault_of([&] { cell_from_json(broken); }); };
    const std::string remedy = "; use a plan that this version of mneme made";
    for (const auto& [key, value] : json.items()) {
        Json broken = json;
        broken.erase(key);
        CHECK(fault(broken) == "65 cell: " + key + ": is missing" + remedy);
        broken[key] = nullptr;
        CHECK(fault(broken).rfind("65 cell: " + key, 0) == 0);
    }
    Json broken = json;
    broken["execution"]["threads"] = "many";
    CHECK(fault(broken) == "65 cell: execution.threads: an integer is expected" + remedy);
    broken = json;
    broken["runs"][0]["seed"] = 1.5;
    CHECK(fault(broken) == "65 cell: runs[0].seed: an integer is expected" + remedy);
    broken = json;
    broken["data"]["folders"] = "here";
    CHECK(fault(broken) == "65 cell: data.folders: a list is expected" + remedy);
    broken = json;
    broken["data"]["benchmark"]["spec"]["stream"].erase("tasks");
    CHECK(fault(broken) ==
          "65 cell: data.benchmark.spec: a benchmark as this version of mneme "
          "writes it is expected" +
              remedy);
}

TEST_CASE("a run that does not have the name of its request is refused") {
    Cell cell = full_cell();
    cell.runs[0].digest = run_digest(cell, cell.runs[0]);
    CHECK_NOTHROW(require_own_digests(cell, "c.json"));
    cell.runs[0].effective_train["epochs"] = 1;
    CHECK(
        fault_of([&] { require_own_digests(cell, "c.json"); }) ==
        "65 c.json: ewc, seed 2: the settings are not those that its digest was made of; the file "
        "was changed after it was written: make the plan again");
}
