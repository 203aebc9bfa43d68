// SPDX-License-Identifier: Apache-2.0
// Which runs of a plan are due.
#include <filesystem>

#include <base/error.hpp>

#include "../folder.hpp"
#include "../protocol/support.hpp"
#include "catch.hpp"
#include "protocol/run_record.hpp"
#include "scheduler/pending_runs.hpp"

using namespace mneme;
using namespace mneme::scheduler;
using results::Outcome;

namespace {

// Two methods of one run each; the first is finished.
struct Fixture {
    Fixture() {
        protocol::Cell cell = protocol_test::full_cell();
        plan.cells.push_back(cell);
        cell.plugin.id = "er";
        cell.runs[0].label = "er";
        cell.runs[0].digest = std::string(64, 'e');
        plan.cells.push_back(cell);
        const protocol::Cell& first = plan.cells[0];
        protocol::write_record(folder.run(first.runs[0].digest), first, first.runs[0],
                               Outcome::diverged, "");
    }
    std::set<std::string> due(const Repeat& repeat) const {
        return pending_runs(plan, folder, repeat).due;
    }

    test::Folder place;
    ResultsFolder folder{place / "out", ResultsFolder::Use::alone};
    harness::Plan plan;
    const std::string finished = std::string(64, 'a'), missing = std::string(64, 'e');
};

} // namespace

TEST_CASE_METHOD(Fixture, "what is finished is not due, unless it is forced") {
    CHECK(due({}) == std::set<std::string>{missing});
    CHECK(due({.force = true}) == std::set<std::string>{finished, missing});
    const PendingRuns pending = pending_runs(plan, folder, {.force = true});
    CHECK(pending.runs == 2);
    CHECK(pending.outdated == std::set<std::string>{finished});
    CHECK(pending.sentences ==
          std::vector<std::string>{"--force, run again: ewc, seed 2, tiny: finished"});
}

TEST_CASE_METHOD(Fixture, "a stale run is run again, kept, or an error") {
    plan.cells[0].plugin.sha256 = std::string(64, 'd');
    CHECK(due({}) == std::set<std::string>{finished, missing});
    CHECK(due({.stale = Stale::keep}) == std::set<std::string>{missing});
    CHECK_THROWS_WITH(due({.stale = Stale::error}),
                      "stale: ewc, seed 2, tiny: its plugin file has changed; use --stale rerun or "
                      "--stale keep");
}

TEST_CASE_METHOD(Fixture, "the checkpoint of a run that is done is removed, others stay") {
    const auto path = [&](std::size_t cell) {
        return folder.paths().checkpoint(plan.cells[cell].runs);
    };
    place.write("out/checkpoints/" + path(0).filename().string(), "");
    place.write("out/checkpoints/" + path(1).filename().string(), "");
    remove_outdated_checkpoints(pending_runs(plan, folder, {.methods = {"er"}}), folder);
    CHECK(std::filesystem::exists(path(0))); // not looked at
    remove_outdated_checkpoints(pending_runs(plan, folder, {}), folder);
    CHECK_FALSE(std::filesystem::exists(path(0)));
    CHECK(std::filesystem::exists(path(1)));
}

TEST_CASE_METHOD(Fixture, "only what may go on keeps its checkpoint") {
    const auto first = plan.cells[0]; // as it was when the run was made
    const auto path = folder.paths().checkpoint(first.runs);
    const auto left_after = [&](Outcome outcome) {
        protocol::write_record(folder.run(finished), first, first.runs[0], outcome, "why");
        place.write("out/checkpoints/" + path.filename().string(), "");
        remove_outdated_checkpoints(pending_runs(plan, folder, {}), folder);
        return std::filesystem::exists(path);
    };
    CHECK(left_after(Outcome::failed)); // by today's plugin
    plan.cells[0].plugin.sha256 = std::string(64, 'd');
    CHECK_FALSE(left_after(Outcome::failed));
    CHECK(pending_runs(plan, folder, {}).outdated.empty());
    protocol::write_record(folder.run(finished), plan.cells[0], first.runs[0], Outcome::diverged,
                           "");
    plan.cells[0].plugin.sha256 = std::string(64, 'e');
    CHECK(pending_runs(plan, folder, {}).outdated == std::set<std::string>{finished});
}

TEST_CASE_METHOD(Fixture, "a part of the plan can be selected by label, plugin or benchmark") {
    CHECK(due({.methods = {"ewc"}}).empty());
    CHECK(due({.methods = {"er"}}) == std::set<std::string>{missing});
    CHECK(due({.benchmarks = {"tiny"}}) == std::set<std::string>{missing});
    CHECK(due({.benchmarks = {"other"}}).empty());
    CHECK(pending_runs(plan, folder, {.methods = {"er"}}).runs == 1);
    plan.cells[1].runs[0].label = "er[memory=3]"; // the plugin is er, whatever the label
    CHECK(due({.methods = {"er"}}) == std::set<std::string>{missing});
    CHECK(due({.methods = {"er[memory=3]"}}) == std::set<std::string>{missing});
}

TEST_CASE_METHOD(Fixture, "what this command has tried is not repeated, whatever came of it") {
    const auto all = due({.force = true});
    REQUIRE(all.size() > 1);
    CHECK(due({.force = true, .tried = all}).empty());
    CHECK(due({.force = true, .tried = {missing}}).size() == all.size() - 1);
    CHECK(pending_runs(plan, folder, {.tried = all}).runs == all.size());
}
