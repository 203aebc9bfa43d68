// SPDX-License-Identifier: Apache-2.0
// From answers to cells: identity, bundling, refusals, and the plan as a file.
#include <set>

#include "catch.hpp"
#include "support.hpp"

using namespace plan_test;
using namespace mneme::harness;

namespace {

// What a worker would answer for an entry: number `lambda` (10), count `memory` (5), lr .01.
Json answer(const Entry& entry, std::size_t index, std::vector<std::string> flags) {
    Json lambda = 10.0, memory = 5,
         train = to_json(merge(train_defaults(), {}, train_from(entry.train)));
    if (!train.contains("lr")) train["lr"] = 0.01;
    for (const auto& [key, setting] : entry.options)
        (key == "lambda" ? lambda : memory) = setting.value;
    return {{"event", "constructed"},
            {"index", index},
            {"id", entry.plugin},
            {"version", "1.0"},
            {"summary", ""},
            {"paper", "arXiv"},
            {"flags", flags},
            {"options",
             {{{"name", "lambda"}, {"kind", "number"}, {"value", lambda}, {"default", 10.0}},
              {{"name", "memory"}, {"kind", "count"}, {"value", memory}, {"default", 5}}}},
            {"train", train}};
}

struct Planned {
    Suite suite;
    std::vector<PluginFile> plugins;
    std::vector<Json> answers;
    PlanOptions options;
    Plan plan() const { return make_plan(suite, plugins, answers, options); }
};

Planned prepare(const Suites& suites, const std::string& methods,
                std::vector<std::string> flags = {"batched"}) {
    Planned planned{suites.load(head + methods), {}, {}, {}};
    for (const auto& entry : planned.suite.methods)
        planned.plugins.push_back({entry.plugin, "/p/" + entry.plugin + ".so", "77", "note"});
    for (std::size_t i = 0; i < planned.suite.methods.size(); ++i)
        planned.answers.push_back(answer(planned.suite.methods[i], i, flags));
    return planned;
}

// "label:seed label:seed | ..." of a plan's cells.
std::string shape(const Plan& plan) {
    std::string text;
    for (const auto& cell : plan.cells) {
        if (!text.empty()) text += "| ";
        for (const auto& run : cell.runs) text += run.label + ":" + std::to_string(run.seed) + " ";
    }
    return text;
}

const std::string grid =
    "[[method]]\nname = \"e\"\nplugin = \"ewc\"\nlambda = { grid = [1, 2] }\nmemory = { grid = [3, "
    "4] }\n[[method]]\nplugin = \"f\"\n";

} // namespace

TEST_CASE("a run's digest agrees with a script that shares no code with the harness") {
    std::ifstream file(MNEME_PLAN_DATA "/golden.json");
    const Json golden = Json::parse(file);
    Cell cell;
    cell.benchmark.digest = golden.at("tiny");
    cell.plugin_id = "ewc";
    cell.limit_train = 500;
    cell.limit_test = 100;
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
    other.plugin_sha256 = "other";
    other.plugin_version = "9";
    other.threads = 4;
    other.output = "/elsewhere";
    run.label = "another";
    CHECK(run_digest(other, run) == golden.at("run"));
    std::set<std::string> digests{golden.at("run").get<std::string>()};
    const auto moved = [&](auto change) {
        Cell c = cell;
        Run r = run;
        change(c, r);
        return digests.insert(run_digest(c, r)).second;
    };
    CHECK(moved([](Cell& c, Run&) { c.benchmark.digest = "x"; }));
    CHECK(moved([](Cell& c, Run&) { c.plugin_id = "x"; }));
    CHECK(moved([](Cell& c, Run&) { c.limit_train = 501; }));
    CHECK(moved([](Cell& c, Run&) { c.limit_test = 0; }));
    CHECK(moved([](Cell& c, Run&) { c.evaluate_on = "validation"; }));
    CHECK(moved([](Cell& c, Run&) { c.precision = "tf32"; }));
    CHECK(moved([](Cell& c, Run&) { c.device = "cuda"; }));
    CHECK(moved([](Cell&, Run& r) { r.seed = 3; }));
    CHECK(moved([](Cell&, Run& r) { r.effective_options["lambda"] = 10.5; }));
    CHECK(moved([](Cell&, Run& r) { r.effective_train["lr"] = 0.2; }));
}

TEST_CASE("what the worker is asked") {
    const Suites suites;
    const auto planned =
        prepare(suites, "[[method]]\nplugin = \"ewc\"\nlambda = 2.5\ntrain = { lr = 0.5 }\n");
    const Json request = construct_request(planned.suite, planned.plugins, true);
    CHECK(request.at("gpu") == true);
    CHECK(construct_request(planned.suite, planned.plugins, false).at("gpu") == false);
    REQUIRE(request.at("entries").size() == 1);
    const Json& entry = request.at("entries")[0];
    CHECK(entry.at("plugin") == "/p/ewc.so");
    CHECK(entry.at("id") == "ewc");
    CHECK(entry.at("options").at("lambda").at("value") == 2.5);
    CHECK(suites.folder.shorten(entry.at("options").at("lambda").at("where")) == "s.toml:5:1");
    CHECK(entry.at("train").at("lr").at("value") == 0.5);
    CHECK(spec_from_json(entry.at("spec")).stream.tasks == 3);
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
    CHECK(last.runs[0].digest == run_digest(last, last.runs[0]));
    CHECK(last.plugin_path == "/p/f.so");
    CHECK(last.plugin_sha256 == "77");
    CHECK(last.plugin_version == "1.0");
    CHECK(last.plugin_paper == "arXiv");
    CHECK(last.stall_limit_s == 600);
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
    planned.options.device = "cuda";
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
    train.options.device = "cuda";
    CHECK(shape(train.plan()) ==
          "f[lr=0.1,momentum=0]:1 f[lr=0.1,momentum=0]:2 f[lr=0.2,momentum=0]:1 "
          "f[lr=0.2,momentum=0]:2 | "
          "f[lr=0.1,momentum=0.5]:1 f[lr=0.1,momentum=0.5]:2 f[lr=0.2,momentum=0.5]:1 "
          "f[lr=0.2,momentum=0.5]:2 ");
    auto single = prepare(suites, rates, {});
    single.options.device = "cuda";
    CHECK(single.plan().cells.size() == 8); // not flagged batched
}

TEST_CASE("refusals at plan time") {
    Suites suites;
    auto needy = prepare(suites, "[[method]]\nplugin = \"supsup\"\n", {"batched", "needs_task_id"});
    CHECK(suites.folder.shorten(fault_of([&] { needy.plan(); })) ==
          "65 s.toml:3:1: method \"supsup\" needs the task identity at test, "
          "which benchmark \"tiny\" (scenario domain) hides; expected a benchmark of "
          "scenario task");
    std::string hiding = tiny;
    hiding.insert(hiding.find("[network]"), "boundaries = \"hidden\"\n");
    suites.folder.write("b/tiny.toml", hiding);
    for (const char* flag : {"needs_task_boundaries", "oracle"}) {
        auto told = prepare(suites, "[[method]]\nplugin = \"ewc\"\n", {flag});
        CHECK(suites.folder.shorten(fault_of([&] { told.plan(); })) ==
              "65 s.toml:3:1: method \"ewc\" needs to know where a task ends, which benchmark "
              "\"tiny\" hides; expected a benchmark with boundaries = "
              "\"announced\"");
    }
    CHECK(prepare(suites, "[[method]]\nplugin = \"er\"\n", {"batched"}).plan().cells.size() == 2);
    suites.folder.write("b/tiny.toml", std::string(tiny) + "[scenario]\nkind = \"task\"\n");
    needy = prepare(suites, "[[method]]\nplugin = \"supsup\"\n", {"needs_task_id"});
    CHECK(needy.plan().cells.size() == 2);

    auto twins = prepare(
        suites,
        "[[method]]\nplugin = \"f\"\n[[method]]\nname = \"g\"\nplugin = \"f\"\nlambda = 10\n");
    CHECK(suites.folder.shorten(fault_of([&] { twins.plan(); })) ==
          "65 s.toml:5:1: method \"g\" asks for the same runs as \"f\"; change the settings, or "
          "keep one of the two");

    auto refused = prepare(suites, "[[method]]\nplugin = \"f\"\n");
    refused.answers[0] = {{"event", "refused"},
                          {"index", 0},
                          {"message", "s.toml:5:1: unknown option"},
                          {"exit", 69}};
    CHECK(fault_of([&] { refused.plan(); }) == "69 s.toml:5:1: unknown option");
    refused.answers.clear();
    CHECK(fault_of([&] { refused.plan(); }) ==
          "70 mneme-worker construct: no answer for entry 0; expected one for each of 1 entries");

    auto coarse = prepare(suites, "precision = \"tf32\"\n[[method]]\nplugin = \"f\"\n");
    CHECK(suites.folder.shorten(fault_of([&] { coarse.plan(); })) ==
          "65 s.toml: precision is \"tf32\", which a CPU does not have; expected \"fp32\", or "
          "--device "
          "cuda");

    auto floor = prepare(suites, "[[method]]\nplugin = \"f\"\n");
    floor.answers[0]["train"]["lr_min"] = 0.5;
    CHECK(suites.folder.shorten(fault_of([&] { floor.plan(); })) ==
          "65 s.toml:3:1: method \"f\" on \"tiny\": lr_min is 0.5 and lr is 0.01; expected a floor "
          "of at "
          "most lr");
}

TEST_CASE("answers may come in any order") {
    const Suites suites;
    auto planned = prepare(suites, grid);
    const std::string expected = to_json(planned.plan()).dump();
    std::reverse(planned.answers.begin(), planned.answers.end());
    CHECK(to_json(planned.plan()).dump() == expected);
}

TEST_CASE("a plan survives its file exactly, and a cell is found by its index") {
    const Suites suites;
    auto planned = prepare(suites, grid);
    planned.options = {"cpu",
                       2,
                       1,
                       true,
                       {"/data one", "/data \"two\""},
                       "/out",
                       "mneme run s.toml --set x='a b'"};
    const Plan plan = planned.plan();
    const fs::path path = suites.folder.path() / "plan.json";
    write_plan(path, plan);
    const Plan again = read_plan(path);
    CHECK(to_json(again) == to_json(plan));
    CHECK(shape(again) == shape(plan));
    CHECK(again.cells[0].runs[0].options[0].second.where ==
          plan.cells[0].runs[0].options[0].second.where);
    CHECK(again.cells[0].keep_weights);
    CHECK(again.cells[0].data_folders[1] == "/data \"two\"");
    CHECK(std::distance(fs::directory_iterator(suites.folder.path()), {}) ==
          3); // b, s.toml, plan.json: no draft is left
    CHECK(&cell_at(plan, 4) == &plan.cells[4]);
    CHECK(fault_of([&] { cell_at(plan, 5); }) ==
          "64 --index 5: the plan has 5 cells; expected 0 to 4");
    CHECK(fault_of([&] { cell_at(plan, -1); }) ==
          "64 --index -1: the plan has 5 cells; expected 0 to 4");
}

TEST_CASE("a cell survives JSON exactly") {
    const Suites suites;
    Cell cell = prepare(suites, grid).plan().cells[3];
    cell.wall_limit_s = 0.1;
    cell.memory_limit_mib = 12;
    cell.evaluate_on = "validation";
    cell.plugin_note = "two\nlines";
    CHECK(to_json(cell_from_json(Json::parse(to_json(cell).dump()))) == to_json(cell));
    Json broken = to_json(cell);
    broken.erase("device");
    CHECK(fault_of([&] { cell_from_json(broken); }).rfind("65 cell: cannot be read (", 0) == 0);
    broken = to_json(cell);
    broken["threads"] = "many";
    CHECK(fault_of([&] { cell_from_json(broken); }).rfind("65 cell: cannot be read (", 0) == 0);
}

TEST_CASE("files that are no plan, and places where none can be written") {
    const Folder folder;
    const std::string remedy = "expected the file that `mneme plan SUITE.toml -o DIR` writes";
    const auto fault = [&](const fs::path& path) {
        return folder.shorten(fault_of([&] { read_plan(path); }));
    };
    CHECK(fault(folder.path() / "none.json") ==
          "65 none.json: is not a plan (No such file or directory); " + remedy);
    CHECK(fault(folder.write("a.json", "{}")) ==
          "65 a.json: is not a plan (no key mneme_plan); " + remedy);
    CHECK(fault(folder.write("b.json", "{\"mneme_plan\": 2}")) ==
          "65 b.json: is not a plan (format 2, this program reads 1); " + remedy);
    CHECK(fault(folder.write("c.json", "{\"mneme_plan\": 1, \"sui"))
              .rfind("65 c.json: is not a plan (", 0) == 0);
    CHECK(folder.shorten(fault_of([&] { write_plan(folder.path() / "no" / "plan.json", {}); })) ==
          "65 no/plan.json: cannot be written (No such file or directory); expected a folder that "
          "you may "
          "write to");
    fs::create_directories(folder.path() / "taken.json" / "x");
    CHECK(folder.shorten(fault_of([&] { write_plan(folder.path() / "taken.json", {}); })) ==
          "65 taken.json: cannot be written (Is a directory); expected a folder that you may write "
          "to");
    CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == 4); // nothing half-written
}
