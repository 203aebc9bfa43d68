// SPDX-License-Identifier: Apache-2.0
#include "submit/submission.hpp"

#include "catch.hpp"

using namespace mneme::submit;
using Catch::Matchers::ContainsSubstring;

namespace {

Submission odd_folder(Target target) {
    Submission submission;
    submission.target = target;
    submission.mneme = "/opt/mneme/bin/mneme";
    submission.folder = "/scratch/it's $HOME";
    submission.suite = "My Suite_2";
    submission.cells = 25;
    submission.pack = 10;
    submission.jobs = 2;
    submission.throttle = 2;
    return submission;
}

} // namespace

TEST_CASE("the script for Slurm has what was asked for, quoted") {
    Submission submission = odd_folder(Target::slurm);
    submission.time = "4:00:00";
    submission.gres = "gpu:a100:1";
    submission.account = "a&b";
    submission.options = {"--torch", "/opt/lib torch"};
    const auto files = files_of(submission);
    REQUIRE(files.size() == 1);
    CHECK(files[0].name == "submit.sh");
    for (const char* line :
         {"folder='/scratch/it'\\''s $HOME'\n", "cells=25\n", "pack=10 ", "jobs=2 ", "throttle=2 ",
          "every=('--account=a&b') ", "training=(--time=4:00:00 --gres=gpu:a100:1) ",
          "options=(--torch '/opt/lib torch') "})
        CHECK_THAT(files[0].text, ContainsSubstring(line));
    CHECK(files[0].text.find("{{") == std::string::npos);
}

TEST_CASE("Kubernetes gets a pod for each task and no more at once than the throttle") {
    Submission submission = odd_folder(Target::kubernetes);
    submission.image = "registry/mneme:1";
    submission.claim = "results";
    const auto files = files_of(submission);
    REQUIRE(files.size() == 3);
    CHECK(files[1].name == "cells.yaml");
    for (const char* line : {"  completions: 3\n", "  parallelism: 2\n", "name: mneme-my-suite-2\n",
                             "mountPath: '/scratch/it''s $HOME'\n"})
        CHECK_THAT(files[1].text, ContainsSubstring(line));
    submission.throttle = 0;
    CHECK_THAT(files_of(submission)[1].text, ContainsSubstring("  parallelism: 3\n"));
}

TEST_CASE("the last task may have fewer cells") {
    CHECK(odd_folder(Target::slurm).tasks() == 3);
    Submission even = odd_folder(Target::slurm);
    even.cells = 20;
    CHECK(even.tasks() == 2);
}

TEST_CASE("a suite's name becomes one that Kubernetes takes") {
    CHECK(job_name("table 2 (final)") == "mneme-table-2-final");
    CHECK(job_name("___") == "mneme");
    CHECK(job_name(std::string(80, 'x')).size() == 50);
}
