// SPDX-License-Identifier: Apache-2.0
// Every message of a suite, word for word, with its line and column.
#include "catch.hpp"
#include "support.hpp"

using namespace plan_test;

namespace {

const std::string method = "[[method]]\nplugin = \"finetune\"\n";
const std::string top = head;
const std::string toml_remedy =
    "; a line is key = value, [table] or # comment, with strings in quotes";
const std::string value_remedy = "; expected a number, a string, true, false or { grid = [...] }";
const std::string label_remedy = "expected 1 to 64 of A-Z, a-z, 0-9 and ._+-";

} // namespace

TEST_CASE("text that is not TOML is refused where it goes wrong") {
    const Suites suites;
    CHECK(suites.fault("seeds = \n") ==
          "65 s.toml:1:9: not TOML: expected value, saw '\\n'" + toml_remedy);
    CHECK(suites.fault("seeds = 3\nbenchmarks = [\"tiny\"") ==
          "65 s.toml:2:21: not TOML: encountered end-of-file" + toml_remedy);
    CHECK(suites.fault("a = 1\na = 2\n") ==
          "65 s.toml:2:5: not TOML: cannot redefine existing integer 'a'" + toml_remedy);
    CHECK(suites.fault("a = tru\n") ==
          "65 s.toml:1:8: not TOML: expected 'true', saw 'tru\\n'" + toml_remedy);
    CHECK(suites.fault("[{a]\n") ==
          "65 s.toml:1:2: not TOML: expected bare key starting character or string delimiter, saw "
          "'{'" +
              toml_remedy);
    CHECK(suites.fault("\u00e9 = 1\n") ==
          "65 s.toml:1:1: not TOML: expected keys, tables, whitespace or comments, saw '\u00e9'" +
              toml_remedy);
    CHECK(suites.fault("\xff") ==
          "65 s.toml:1:1: not TOML: Encountered invalid utf-8 sequence" + toml_remedy);
    CHECK(suites.fault(std::string(2 << 20, '#')) ==
          "65 s.toml:1:1: the file is too large (2097152 bytes, 0 dots); a suite or benchmark has "
          "at most 1048576 bytes and 10000 dots");
    std::string deep = "a";
    for (int i = 0; i < 9000; ++i) deep += ".a";
    CHECK(suites.fault(deep + " = 1") ==
          "65 s.toml:1:65: values are nested more than 32 deep; a suite or benchmark needs four "
          "levels");
    CHECK(suites.folder.shorten(fault_of([&] {
        mneme::harness::load_suite(suites.folder.path() / "none.toml", suites.over);
    })) == "65 none.toml: cannot be read (No such file or directory); expected the path of a suite "
           "file");
    CHECK(suites.folder.shorten(fault_of([&] {
        mneme::harness::load_suite(suites.folder.path() / "b", suites.over);
    })) == "65 b: cannot be read (Is a directory); expected the path of a suite file");
}

TEST_CASE("keys of a suite: unknown, missing, of the wrong type, out of bounds") {
    const Suites suites;
    CHECK(suites.fault("seds = 3\n") ==
          "65 s.toml:1:1: unknown key \"seds\" in a suite; the nearest known one is \"seeds\"");
    CHECK(
        suites.fault("xyzzyxyzzy = 3\n") ==
        "65 s.toml:1:1: unknown key \"xyzzyxyzzy\" in a suite; known are title, benchmarks, seeds, "
        "evaluate_on, evaluate, evaluate_every, evaluations, evaluate_examples, predictions, "
        "brier_score, weights, "
        "precision, wall_limit_s, stall_limit_s, memory_limit_mib, method");
    CHECK(suites.fault("title = 3\n" + top + method) ==
          "65 s.toml:1:9: title is an integer; expected a string");
    CHECK(suites.fault("evaluate_on = \"tests\"\n") ==
          "65 s.toml:1:15: unknown evaluate_on \"tests\"; the nearest known one is \"test\"");
    CHECK(suites.fault("precision = \"fp33\"\n") ==
          "65 s.toml:1:13: unknown precision \"fp33\"; the nearest known one is \"fp32\"");
    CHECK(suites.fault("wall_limit_s = -1.5\n") ==
          "65 s.toml:1:16: wall_limit_s is -1.5; expected a number of at least 0");
    CHECK(suites.fault("stall_limit_s = inf\n") ==
          "65 s.toml:1:17: stall_limit_s is not a finite number; expected a number of at least 0");
    CHECK(suites.fault("memory_limit_mib = 0.5\n") ==
          "65 s.toml:1:20: memory_limit_mib is a real number; expected an integer from 0 to "
          "8796093022207");
    CHECK(suites.fault("") ==
          "65 s.toml:1:1: the suite has no seeds; expected seeds = 5 (for 1 to 5) or a list");
    CHECK(suites.fault("seeds = 1\n") ==
          "65 s.toml:1:1: the suite has no method; expected [[method]] with plugin = \"NAME\"");
    CHECK(suites.fault("seeds = 1\n" + method) ==
          "65 s.toml:1:1: the suite has no benchmarks; expected benchmarks = [\"NAME\"] from "
          "`mneme list "
          "benchmarks`");
}

TEST_CASE("seeds") {
    const Suites suites;
    const std::string remedy = "; expected a count (seeds = 5 means 1 to 5) or a list of integers";
    CHECK(suites.fault("seeds = \"3\"\n") == "65 s.toml:1:9: seeds is a string" + remedy);
    CHECK(suites.fault("seeds = 0\n") ==
          "65 s.toml:1:9: seeds is 0; expected an integer from 1 to 1000");
    CHECK(suites.fault("seeds = []\n") == "65 s.toml:1:9: seeds is empty" + remedy);
    CHECK(suites.fault("seeds = [1, 2.5]\n") ==
          "65 s.toml:1:13: seeds holds a real number" + remedy);
    CHECK(suites.fault("seeds = [1, 2, 1]\n") ==
          "65 s.toml:1:16: seed 1 is listed twice; list it once");
    CHECK(suites.fault("seeds = [-1]\n") ==
          "65 s.toml:1:10: a seed is -1; expected an integer from 0 to 2147483647");
    CHECK(suites.fault("seeds = [2147483648]\n") ==
          "65 s.toml:1:10: a seed is 2147483648; expected an integer from 0 to 2147483647");
}

TEST_CASE("methods: labels, plugins, options and grids") {
    const Suites suites;
    CHECK(suites.fault(top + "[method]\nplugin = \"x\"\n") ==
          "65 s.toml:3:1: method is a table; expected [[method]]");
    CHECK(suites.fault(top + "method = []\n") ==
          "65 s.toml:3:10: method is empty; expected [[method]] with plugin = \"NAME\"");
    CHECK(suites.fault(top + "method = [3]\n") ==
          "65 s.toml:3:11: method is an integer; expected a [[method]] table");
    CHECK(suites.fault(top + "[[method]]\nname = \"x\"\n") ==
          "65 s.toml:3:1: [[method]] has no plugin; expected plugin = \"NAME\" from `mneme list "
          "methods`");
    CHECK(suites.fault(top + "[[method]]\nplugin = 3\n") ==
          "65 s.toml:4:10: plugin is an integer; expected a string");
    CHECK(suites.fault(top + method + "name = \"a b\"\n") ==
          "65 s.toml:5:8: name is \"a b\"; " + label_remedy);
    CHECK(suites.fault(top + method + "name = \"\"\n") ==
          "65 s.toml:5:8: name is \"\"; " + label_remedy);
    CHECK(suites.fault(top + "[[method]]\nplugin = \"a/b\"\n") ==
          "65 s.toml:4:10: plugin is \"a/b\"; " + label_remedy);
    CHECK(suites.fault(top + method + "\n" + method) ==
          "65 s.toml:6:1: the label \"finetune\" is taken by the method at " +
              (suites.folder.shorten("s.toml:3:1") + "; expected name = \"...\" of its own"));
    CHECK(suites.fault(top + method + "memory = [1]\n") ==
          "65 s.toml:5:10: memory is a list" + value_remedy);
    CHECK(suites.fault(top + method + "memory = 2020-01-01\n") ==
          "65 s.toml:5:10: memory is a date or time" + value_remedy);
    CHECK(suites.fault(top + method + "memory = nan\n") ==
          "65 s.toml:5:10: memory is not a finite number" + value_remedy);
    CHECK(suites.fault(top + method + "memory = { a = 1 }\n") ==
          "65 s.toml:5:10: memory is a table" + value_remedy);
    CHECK(suites.fault(top + method + "memory = { grid = 3 }\n") ==
          "65 s.toml:5:19: grid is an integer; expected a list of values");
    CHECK(suites.fault(top + method + "memory = { grid = [] }\n") ==
          "65 s.toml:5:19: grid is empty; expected a list of values");
    CHECK(suites.fault(top + method + "memory = { grid = [1], grids = 2 }\n") ==
          "65 s.toml:5:24: unknown key \"grids\" in a grid; the nearest known one is \"grid\"");
    CHECK(suites.fault(top + method + "memory = { grid = [1, 2, 1.0] }\n") ==
          "65 s.toml:5:26: grid of memory has the value 1 twice; list it once");
    CHECK(suites.fault(top + method + "kind = { grid = [\"a\", \"b/c\"] }\n") ==
          "65 s.toml:5:23: \"b/c\" cannot stand in a label; " + label_remedy);
    std::string forty = "[1";
    for (int i = 2; i <= 40; ++i) forty += ", " + std::to_string(i);
    CHECK(suites.fault(top + method + "a = { grid = " + forty + "] }\nb = { grid = " + forty +
                       "] }\n") ==
          "65 s.toml:3:1: the grids of \"finetune\" have more than 1000 points; expected fewer "
          "values");
}

TEST_CASE("train settings of a method") {
    const Suites suites;
    CHECK(suites.fault(top + method + "train = 3\n") ==
          "65 s.toml:5:9: train is an integer; expected a table");
    CHECK(suites.fault(top + method + "train = { lrr = 0.1 }\n") ==
          "65 s.toml:5:11: unknown key \"lrr\" in train; the nearest known one is \"lr\"");
    CHECK(suites.fault(top + method + "train = { lr = \"fast\" }\n") ==
          "65 s.toml:5:16: lr is a string; expected a number");
    CHECK(suites.fault(top + method + "train = { lr = { grid = [0.1, 0] } }\n") ==
          "65 s.toml:5:31: lr is 0; expected a number above 0");
    CHECK(suites.fault(top + method + "train = { epochs = 1.5 }\n") ==
          "65 s.toml:5:20: epochs is a real number; expected an integer");
    CHECK(suites.fault(top + method + "train = { drop_last = 1 }\n") ==
          "65 s.toml:5:23: drop_last is an integer; expected true or false");
    CHECK(suites.fault(top + method + "train = { optimizer = \"sgb\" }\n") ==
          "65 s.toml:5:23: unknown optimizer \"sgb\"; the nearest known one is \"sgd\"");
    CHECK(suites.fault(top + method + "train = { lr = 0.1, lr_min = 0.5 }\n") ==
          "65 s.toml:5:30: lr_min is 0.5 and lr is 0.1; expected a floor of at most lr");
}

TEST_CASE("which benchmarks are asked for") {
    const Suites suites;
    const std::string rest = "\nseeds = 1\n" + method;
    CHECK(suites.fault("benchmarks = \"tiny\"" + rest) ==
          "65 s.toml:1:14: benchmarks is a string; expected a list of names");
    CHECK(suites.fault("benchmarks = []" + rest) ==
          "65 s.toml:1:14: benchmarks is empty; expected a list of names");
    CHECK(suites.fault("benchmarks = [1]" + rest) ==
          "65 s.toml:1:15: benchmarks holds an integer; expected a list of names");
    CHECK(suites.fault("benchmarks = [\"tiny\", \"tyny\"]" + rest) ==
          "65 s.toml:1:23: unknown benchmark \"tyny\"; the nearest known one is "
          "\"tiny\" (looked in: b)");
    CHECK(suites.fault("benchmarks = [\"x/y.toml\"]" + rest) ==
          "65 s.toml:1:15: no benchmark file \"x/y.toml\"; expected a path relative to the "
          "suite, or a name from `mneme list benchmarks`");
    CHECK(suites.fault("benchmarks = [\"tiny\", \"b/tiny.toml\"]" + rest) ==
          "65 s.toml:1:23: two benchmarks have the name \"tiny\"; expected a name of its own for "
          "each");
    CHECK(suites.fault("evaluate_on = \"validation\"\nbenchmarks = [\"tiny\"]" + rest) ==
          "65 s.toml:2:15: benchmark \"tiny\" keeps no validation examples; expected evaluate_on = "
          "\"test\", or validation = 0.1 in its [stream]");
}

TEST_CASE("a missing data set is found before anything runs, at the benchmark that wants it") {
    Suites suites;
    suites.folder.write("b/turned.toml",
                        "[stream]\nkind = \"rotated\"\ndataset = \"mnist\"\ntasks = "
                        "2\ndegrees_per_task = 9.0\n[network]\nhidden = [8]\n");
    suites.over.data_folders = {suites.folder.path() / "nothing"};
    const std::string fault =
        suites.fault("benchmarks = [\"tiny\", \"turned\"]\nseeds = 1\n" + method);
    CHECK(fault.rfind("65 s.toml:1:23: ", 0) == 0);
    CHECK(fault.find("mnist") != std::string::npos);
}
