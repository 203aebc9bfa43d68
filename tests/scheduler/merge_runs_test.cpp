// SPDX-License-Identifier: Apache-2.0
// From files of single runs to one file.
#include <filesystem>

#include <results/results.hpp>

#include "../folder.hpp"
#include "../protocol/support.hpp"
#include "catch.hpp"
#include "protocol/run_record.hpp"
#include "scheduler/merge_runs.hpp"

using namespace mneme;
using namespace mneme::scheduler;
using results::Outcome;

namespace {

struct Fixture {
    Fixture() {
        plan.suite = "s.toml";
        plan.benchmarks = {"tiny"};
        plan.labels = {"ewc"};
        plan.cells = {protocol_test::full_cell()};
    }
    Outcome outcome(const std::set<std::string>& left_out = {}) const {
        const results::File file = merge_plan(plan, folder, left_out);
        return Outcome(file.blocks.at(0).outcome.at({0, 0}));
    }
    const protocol::Run& run() const { return plan.cells[0].runs[0]; }
    void write() const {
        protocol::write_record(folder.run(run().digest), plan.cells[0], run(), Outcome::diverged,
                               "");
    }

    test::Folder place;
    ResultsFolder folder{place / "out", ResultsFolder::Use::alone};
    harness::Plan plan;
};

} // namespace

TEST_CASE_METHOD(Fixture, "a run without a file that counts has its place as missing") {
    CHECK(outcome() == Outcome::missing);
    write();
    CHECK(outcome() == Outcome::diverged);
    CHECK(outcome({run().digest}) == Outcome::missing);
}

TEST_CASE_METHOD(Fixture, "the file of another run is named and not merged") {
    protocol::Cell other = plan.cells[0];
    other.plugin.id = "er";
    const auto file = folder.run(run().digest);
    protocol::write_record(file, other, run(), Outcome::diverged, "");
    const results::Block block = merge_plan(plan, folder, {}).blocks.at(0);
    CHECK(Outcome(block.outcome.at({0, 0})) == Outcome::missing);
    CHECK(block.outcome_message.at({0, 0}) == file.string() + ": it is of another method, \"er\"");
}

TEST_CASE_METHOD(Fixture, "labels are those of the plan, not those of the files") {
    write();
    plan.cells[0].runs[0].label = "renamed";
    plan.labels = {"renamed"};
    const results::File file = merge_plan(plan, folder, {});
    CHECK(file.blocks.at(0).methods == std::vector<std::string>{"renamed"});
    CHECK(file.title == "s");
}

TEST_CASE_METHOD(Fixture, "links inside a folder are not followed, those that a user names are") {
    write();
    const auto file = folder.run(run().digest);
    std::filesystem::rename(file, place / "elsewhere.h5");
    std::filesystem::create_symlink(place / "elsewhere.h5", file);
    CHECK_THROWS_WITH(merge_paths({place / "out"}),
                      Catch::Matchers::ContainsSubstring("is a symbolic link; remove it"));
    CHECK(outcome() == Outcome::missing);
    CHECK(merge_paths({file}).blocks.size() == 1);
    std::filesystem::create_symlink(place / "elsewhere.h5", place / "out/results.h5");
    CHECK_THROWS_WITH(read_results({place / "out"}),
                      Catch::Matchers::ContainsSubstring("is a symbolic link; remove it"));
    std::filesystem::remove(place / "out/results.h5");
    std::filesystem::create_symlink(place / "nowhere", place / "out/results.h5");
    CHECK_THROWS_WITH(read_results({place / "out"}),
                      Catch::Matchers::ContainsSubstring("is a symbolic link; remove it"));
}

TEST_CASE_METHOD(Fixture, "every file that cannot be read is named at once") {
    place.write("out/runs/a.h5", "broken");
    place.write("out/runs/b.h5", "broken");
    try {
        merge_paths({place / "out"});
        FAIL("was merged");
    } catch (const base::ExitError& error) {
        CHECK(error.code() == base::ExitCode::bad_input);
        CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring("a.h5"));
        CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring("b.h5"));
    }
    CHECK_THROWS_AS(merge_paths({place / "nowhere"}), base::ExitError);
}

TEST_CASE_METHOD(Fixture, "job, host and restarts stay with each run when files are merged") {
    protocol::Cell second = plan.cells[0];
    second.runs[0].digest = std::string(64, 'f');
    second.runs[0].seed = 5;
    plan.cells.push_back(second);
    plan.seeds = {2, 5};
    for (std::int32_t n = 0; n < 2; ++n) {
        const protocol::Cell& cell = plan.cells[std::size_t(n)];
        results::Block block =
            protocol::empty_record(cell, cell.runs[0], Outcome::diverged, "as a worker leaves it");
        block.job_id.at({0, 0}) = n == 0 ? "12_0" : "12_1";
        block.run_host.at({0, 0}) = n == 0 ? "node1" : "node2";
        block.restart_count.at({0, 0}) = n;
        results::write(folder.run(cell.runs[0].digest), {"", "", {block}});
    }
    for (const results::File& file : {merge_plan(plan, folder, {}), merge_paths({place / "out"})}) {
        const results::Block& block = file.blocks.at(0);
        REQUIRE(block.seeds == std::vector<std::int32_t>{2, 5});
        CHECK(block.job_id.data == std::vector<std::string>{"12_0", "12_1"});
        CHECK(block.run_host.data == std::vector<std::string>{"node1", "node2"});
        CHECK(block.restart_count.data == std::vector<std::int32_t>{0, 1});
    }
}
