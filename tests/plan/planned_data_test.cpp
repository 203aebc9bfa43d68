// SPDX-License-Identifier: Apache-2.0
// What is refused before anything trains because of what the data hold, and what is said.
#include "catch.hpp"
#include "support.hpp"

#include "plan/planned_data.hpp"

using namespace mneme::harness;
using namespace plan_test;

namespace {

const char* const method = "[[method]]\nplugin = \"er\"\n";

std::string suite_of(const std::string& more = "") {
    return "benchmarks = [\"x\"]\nseeds = 1\n" + more + method;
}

// Six classes of ten training examples each, in turn.
std::string stream(const std::string& more) {
    return "[stream]\nkind = \"synthetic\"\ntasks = 2\nclasses_per_task = 6\nfeatures = 6\n"
           "separation = 3.0\ntrain_examples = 60\ntest_examples = 60\n" +
           more;
}

} // namespace

TEST_CASE("a split that leaves no validation example is refused at plan time") {
    Suites suites;
    suites.folder.write("b/x.toml", stream("validation = 0.05\n"));
    CHECK(suites.fault(suite_of("evaluate_on = \"validation\"\n")) ==
          "65 s.toml:1:15: benchmark x, task 1: no validation example is left; expected at least "
          "one");
    suites.folder.write("b/x.toml", stream("validation = 0.1\n"));
    CHECK(suites.fault(suite_of("evaluate_on = \"validation\"\n")) == "");
}

TEST_CASE("limits that leave classes out are said, with how many are left") {
    Suites suites;
    suites.folder.write("b/x.toml", stream(""));
    CHECK(suites.load(suite_of()).notes.empty());
    suites.over.limit_train = 4;
    CHECK(suites.load(suite_of()).notes ==
          std::vector<std::string>{
              "benchmark \"x\": task \"01 clusters\" is left with training examples of 4 of its 6 "
              "classes; chance counts all of them"});
    suites.over.limit_train = 0;
    suites.over.limit_test = 5;
    CHECK(suites.load(suite_of()).notes ==
          std::vector<std::string>{
              "benchmark \"x\": task \"01 clusters\" is left with test examples of 5 of its 6 "
              "classes; chance counts all of them"});
}

TEST_CASE("the sizes of tasks are known when a suite is read") {
    Suites suites;
    suites.folder.write("b/x.toml", stream(""));
    const auto tasks = suites.load(suite_of()).tasks;
    REQUIRE(tasks.size() == 1);
    REQUIRE(tasks[0].size() == 1);
    CHECK(tasks[0][0].size() == 2);
    CHECK(tasks[0][0][1].train_count == 60);
    CHECK(tasks[0][0][1].train_classes == 6);
}
