// SPDX-License-Identifier: Apache-2.0
#include "submit/checks.hpp"

#include <base/error.hpp>

#include "../folder.hpp"
#include "catch.hpp"

using namespace mneme;
using namespace mneme::submit;

namespace {

Submission possible() {
    Submission submission;
    submission.mneme = "/usr/bin/mneme";
    submission.folder = "/results/toy";
    submission.cells = 12;
    return submission;
}

} // namespace

TEST_CASE("a time limit is read as Slurm reads it") {
    CHECK(seconds_of("90") == 5400);
    CHECK(seconds_of("90:30") == 5430);
    CHECK(seconds_of("4:00:00") == 14400);
    CHECK(seconds_of("1-0") == 86400);
    CHECK(seconds_of("1-2:30") == 95400);
    CHECK(seconds_of("1-02:30:05") == 95405);
    for (const char* wrong : {"", "x", "1h", "-5", "1:2:3:4", "1-", "1-2:3:4:5", "99999999"})
        CHECK(seconds_of(wrong) == std::nullopt);
}

TEST_CASE("an option that a scheduler cannot take is refused in a sentence") {
    const auto refused = [](auto change) {
        Submission submission = possible();
        change(submission);
        try {
            require_possible(submission);
        } catch (const base::ExitError& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK(refused([](Submission&) {}).empty());
    CHECK(refused([](Submission& s) { s.time = "soon"; }) ==
          "--time \"soon\": is not a time limit of Slurm; write minutes, hours:minutes:seconds or "
          "days-hours:minutes:seconds");
    CHECK(refused([](Submission& s) { s.time = "4"; }) ==
          "--time \"4\": a task is stopped up to three minutes before its limit; give five minutes "
          "or more");
    CHECK(refused([](Submission& s) { s.partition = "gpu --uid=0"; }) ==
          "--partition \"gpu --uid=0\": is not a name that a scheduler knows; it has no spaces and "
          "does not begin with -");
    CHECK(refused([](Submission& s) { s.jobs = 4; }) ==
          "--jobs \"4\": a task has only one cell to train; give --pack 4 or more");
    CHECK(refused([](Submission& s) { s.cells = 0; }) ==
          "/results/toy: its plan has no cells; there is nothing to submit");
    CHECK(refused([](Submission& s) { s.target = Target::kubernetes; }) ==
          "--kubernetes: the image is missing; give --image NAME, which has mneme in it, and "
          "--claim NAME, the volume claim that holds the results folder");
    CHECK(refused([](Submission& s) {
              s.target = Target::kubernetes;
              s.image = "mneme:1";
              s.claim = "Mine";
          }) ==
          "--claim \"Mine\": is not the name of a volume claim; it has small letters, digits, "
          "- and .");
    CHECK(refused([](Submission& s) {
              s.target = Target::kubernetes;
              s.image = "mneme:1";
              s.claim = "mine";
              s.cells = 250'000;
          }) ==
          "--pack \"1\": 250000 pods are more than the 100000 indexes that a Job may have; "
          "give 3 or more");
}

TEST_CASE("a file of hosts names one") {
    const test::Folder folder;
    Submission submission = possible();
    submission.target = Target::parallel;
    submission.hosts = folder / "hosts";
    const std::string why =
        ": no host is in it; write a host a line, as ssh knows it (: is this "
        "machine)";
    const std::string message = "--parallel " + submission.hosts.string() + why;
    CHECK_THROWS_WITH(require_possible(submission), message);
    folder.write("hosts", "# none yet\n\n");
    CHECK_THROWS_WITH(require_possible(submission), message);
    folder.write("hosts", "# the small one\n 4/node7\n");
    CHECK_NOTHROW(require_possible(submission));
}
