// SPDX-License-Identifier: Apache-2.0
// What a sound suite means: seeds, grids, labels, and what the command line lays over it.
#include "catch.hpp"
#include "support.hpp"

using namespace plan_test;
using mneme::harness::Json;
using mneme::harness::Settings;

namespace {

std::vector<std::string> labels(const mneme::harness::Suite& suite) {
    std::vector<std::string> found;
    for (const auto& entry : suite.methods) found.push_back(entry.label);
    return found;
}

std::string text(const Settings& settings) {
    std::string all;
    for (const auto& [key, setting] : settings)
        all += key + "=" + setting.value.dump() + "@" +
               setting.where.substr(setting.where.rfind('/') + 1) + " ";
    return all;
}

const std::string grids =
    std::string(head) +
    "[[method]]\nname = \"ewc\"\nplugin = \"ewc_online\"\nlambda = { grid = [1, 0.5] }\n"
    "fisher = \"exact\"\ntrain = { momentum = 0.0, lr = { grid = [0.1, 1e-5] } }\n"
    "flag = { grid = [true, false] }\n[[method]]\nplugin = \"finetune\"\n";

} // namespace

TEST_CASE("a plain suite") {
    const Suites suites;
    const auto suite = suites.load(grids + "[[method]]\nplugin = \"er\"\nmemory = 10\n");
    CHECK(suite.title == "s");
    CHECK(suite.seeds == std::vector<int64_t>{1, 2});
    CHECK(suite.evaluate_on == "test");
    CHECK(suite.precision == "fp32");
    CHECK(suite.limits.stall_s == 600);
    CHECK(suite.limits.wall_s == 0);
    REQUIRE(suite.benchmarks.size() == 1);
    CHECK(suite.benchmarks[0].spec.name == "tiny");
    CHECK(suite.benchmarks[0].digest ==
          mneme::harness::benchmark_digest(suite.benchmarks[0].spec, ""));
    CHECK(suite.methods.back().plugin == "er");
    CHECK(text(suite.methods.back().options) == "memory=10@s.toml:14:1 ");
    CHECK(suites
              .load("title = \"A\"\nwall_limit_s = 2\nstall_limit_s = 1.5\nmemory_limit_mib = 7\n" +
                    grids)
              .limits.memory_mib == 7);
}

TEST_CASE("a seed list is taken as it is") {
    const Suites suites;
    const std::string rest = "benchmarks = [\"tiny\"]\n[[method]]\nplugin = \"x\"\n";
    CHECK(suites.load("seeds = [7, 0, 3]\n" + rest).seeds == std::vector<int64_t>{7, 0, 3});
    CHECK(suites.load("seeds = 3\n" + rest).seeds == std::vector<int64_t>{1, 2, 3});
}

TEST_CASE("several grids give the product, the first of the file slowest, labels in file order") {
    const auto suite = Suites().load(grids);
    CHECK(labels(suite) ==
          std::vector<std::string>{
              "ewc[lambda=1,lr=0.1,flag=true]", "ewc[lambda=1,lr=0.1,flag=false]",
              "ewc[lambda=1,lr=1e-05,flag=true]", "ewc[lambda=1,lr=1e-05,flag=false]",
              "ewc[lambda=0.5,lr=0.1,flag=true]", "ewc[lambda=0.5,lr=0.1,flag=false]",
              "ewc[lambda=0.5,lr=1e-05,flag=true]", "ewc[lambda=0.5,lr=1e-05,flag=false]",
              "finetune"});
    CHECK(text(suite.methods[7].options) ==
          "lambda=0.5@s.toml:6:23 fisher=\"exact\"@s.toml:7:1 flag=false@s.toml:9:24 ");
    CHECK(text(suite.methods[7].train) == "momentum=0.0@s.toml:8:22 lr=1e-05@s.toml:8:47 ");
    CHECK(suite.methods[7].where.find("s.toml:3:1") != std::string::npos);
}

TEST_CASE("--set replaces what the suite says, or adds to it") {
    Suites suites;
    suites.over.set = {"seeds=[4,9]",
                       "evaluate_on=test",
                       "method.ewc.lambda=5",
                       "method.ewc.train.lr=0.25",
                       "method.ewc.flag={grid=[true]}",
                       "method.finetune.train.epochs=2",
                       "method.finetune.kind=bare-word",
                       "wall_limit_s=1.5"};
    const auto suite = suites.load(grids);
    CHECK(suite.seeds == std::vector<int64_t>{4, 9});
    CHECK(suite.limits.wall_s == 1.5);
    CHECK(labels(suite) == std::vector<std::string>{"ewc[flag=true]", "finetune"});
    CHECK(text(suite.methods[0].options) ==
          "lambda=5@--set method.ewc.lambda=5 fisher=\"exact\"@s.toml:7:1 flag=true@--set "
          "method.ewc.flag={grid=[true]} ");
    CHECK(text(suite.methods[0].train) ==
          "momentum=0.0@s.toml:8:22 lr=0.25@--set method.ewc.train.lr=0.25 ");
    CHECK(text(suite.methods[1].options) ==
          "kind=\"bare-word\"@--set method.finetune.kind=bare-word ");
    CHECK(text(suite.methods[1].train) == "epochs=2@--set method.finetune.train.epochs=2 ");
}

TEST_CASE("--set finds a label that holds dots, the longest that fits") {
    Suites suites;
    suites.over.set = {"method.a.b.x=1"};
    const auto suite = suites.load(
        std::string(head) +
        "[[method]]\nname = \"a\"\nplugin = \"p\"\n[[method]]\nname = \"a.b\"\nplugin = \"p\"\n");
    CHECK(suite.methods[0].options.empty());
    CHECK(text(suite.methods[1].options) == "x=1@--set method.a.b.x=1 ");
}

TEST_CASE("--seeds and --limit") {
    Suites suites;
    suites.over.seeds = "5";
    suites.over.limit_train = 100;
    CHECK(suites.load(grids).seeds == std::vector<int64_t>{1, 2, 3, 4, 5});
    CHECK(suites.load(grids).limit_train == 100);
    CHECK(suites.load(grids).limit_test == 0);
    suites.over.seeds = "2,4";
    CHECK(suites.load(grids).seeds == std::vector<int64_t>{2, 4});
    suites.over.limit_test = -1;
    CHECK(suites.fault(grids) ==
          "65 --limit-test -1: fewer than no examples; expected a number of at least 1");
}

TEST_CASE("--max-seeds of a run until decided goes before the suite's count, not before a list") {
    Suites suites;
    suites.over.max_seeds = 4;
    const std::string rest = "benchmarks = [\"tiny\"]\n[[method]]\nplugin = \"finetune\"\n";
    const std::vector<int64_t> four{1, 2, 3, 4};
    CHECK(suites.load("seeds = 2\n" + rest).seeds == four);
    CHECK(suites.load(rest).seeds == four);
    CHECK(suites.fault("seeds = [3, 7]\n" + rest) ==
          "65 s.toml:1:9: seeds is a list, and --until-decided takes the seeds 1, 2, 3, ... as "
          "they are needed; write a count such as seeds = 5, or run without --until-decided");
    suites.over.max_seeds = 1001;
    CHECK(suites.fault(rest) ==
          "65 --max-seeds 1001: seeds is 1001; expected an integer from 1 to 1000");
    suites.over.max_seeds = 4;
    suites.over.set = {"seeds=3"};
    CHECK(suites.fault(rest) ==
          "65 --until-decided with --set seeds=3: the comparisons decide how many seeds there "
          "are; leave it out, or give the most with --max-seeds");
}

TEST_CASE("what --set and --seeds refuse") {
    Suites suites;
    const auto fault = [&](const std::string& set) {
        suites.over.set = {set};
        return suites.fault(grids);
    };
    const std::string no_pair = "no key=value; expected seeds=3 or method.ewc.lambda=5";
    CHECK(fault("seeds") == "65 --set seeds: " + no_pair);
    CHECK(fault("=3") == "65 --set =3: " + no_pair);
    CHECK(fault("seds=3") ==
          "65 --set seds=3: unknown key \"seds\"; the nearest known one is \"seeds\"");
    CHECK(fault("benchmarks=[\"x\"]") ==
          "65 --set benchmarks=[\"x\"]: a benchmark cannot be set, or two results of one name "
          "would differ; "
          "expected a benchmark file of another name");
    CHECK(fault("method.ew.lambda=1") ==
          "65 --set method.ew.lambda=1: unknown method \"ew\"; the nearest known one is \"ewc\", "
          "as in method.LABEL.KEY=VALUE");
    CHECK(fault("method.ewc.plugin=x") ==
          "65 --set method.ewc.plugin=x: plugin belongs to the suite; expected an option or "
          "train.KEY");
    CHECK(fault("method.ewc.train=3") ==
          "65 --set method.ewc.train=3: no key \"train\" in a method; expected method.LABEL.OPTION "
          "or "
          "method.LABEL.train.KEY");
    CHECK(fault("method.ewc.train.lr=0") ==
          "65 --set method.ewc.train.lr=0: lr is 0; expected a number above 0");
    CHECK(fault("seeds=[1") ==
          "65 --set seeds=[1: the value is not TOML; expected a number, true, false, \"text\" or "
          "{grid = "
          "[1, 2]}");
    CHECK(
        fault("wall_limit_s=1\ntitle=2") ==
        "65 --set wall_limit_s=1\\ntitle=2: the value is not TOML; expected a number, true, false, "
        "\"text\" or "
        "{grid = [1, 2]}");
    suites.over.set.clear();
    for (const char* seeds : {"x", "1,", ",1", "1;2", "99999999999999999999"}) {
        suites.over.seeds = seeds;
        CHECK(suites.fault(grids) ==
              std::string("65 --seeds ") + seeds +
                  ": not seeds; expected a number such as 5 (for 1 to 5), or a list "
                  "such as 2,4");
    }
}
