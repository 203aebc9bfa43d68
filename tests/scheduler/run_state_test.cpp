// SPDX-License-Identifier: Apache-2.0
// What the file of a run says of whether the run is to be done.
#include <filesystem>

#include <sys/stat.h>

#include "../folder.hpp"
#include "../protocol/support.hpp"
#include "catch.hpp"
#include "protocol/run_record.hpp"
#include "scheduler/run_state.hpp"

using namespace mneme;
using namespace mneme::scheduler;
using results::Outcome;

namespace {

struct Fixture {
    test::Folder folder;
    protocol::Cell cell = protocol_test::full_cell();
    std::filesystem::path file = folder / "run.h5";

    RunState state() const {
        results::Reader reader;
        return state_of(file, cell, cell.runs[0], reader);
    }
    void write(Outcome outcome, const std::string& message = "") const {
        protocol::write_record(file, cell, cell.runs[0], outcome, message);
    }
};

} // namespace

TEST_CASE_METHOD(Fixture, "a run without a file is missing, one that diverged is finished") {
    CHECK(state().need == Need::missing);
    write(Outcome::diverged);
    CHECK(state().need == Need::nothing);
}

TEST_CASE_METHOD(Fixture, "a run that failed is done again, from its checkpoint") {
    for (const Outcome outcome : {Outcome::failed, Outcome::timeout, Outcome::refused}) {
        write(outcome, "signal 9");
        CHECK(state().need == Need::again);
        CHECK(state().reason == results::name(outcome) + std::string(": signal 9"));
        CHECK(state().resumable);
    }
    cell.plugin.sha256 = std::string(64, 'd');
    CHECK_FALSE(state().resumable);
}

TEST_CASE_METHOD(Fixture, "a complete run without the weights that are asked for lacks them") {
    write(Outcome::complete);
    cell.evaluation.weights = "last";
    CHECK(state().need == Need::lacking);
    CHECK(state().reason == "its weights were not kept");
    cell.evaluation.weights = "none";
    CHECK(state().need == Need::nothing);
}

TEST_CASE_METHOD(Fixture, "a finished run of another plugin file is stale") {
    write(Outcome::diverged);
    cell.plugin.sha256 = std::string(64, 'd');
    CHECK(state().need == Need::stale);
    CHECK(state().reason == "its plugin file has changed");
}

TEST_CASE_METHOD(Fixture, "another run's file in the place of this one is not taken") {
    write(Outcome::diverged);
    cell.runs[0].seed = 3;
    CHECK(state().need == Need::misplaced);
    cell.runs[0].seed = 2;
    cell.plugin.id = "er";
    CHECK(state().need == Need::misplaced);
}

TEST_CASE_METHOD(Fixture, "damage, links and pipes are unreadable, and keep nobody waiting") {
    folder.write("run.h5", "not HDF5");
    CHECK(state().need == Need::unreadable);
    std::filesystem::remove(file);
    REQUIRE(mkfifo(file.c_str(), 0600) == 0);
    CHECK(state().need == Need::unreadable);
    std::filesystem::remove(file);
    std::filesystem::create_symlink(folder / "elsewhere.h5", file);
    protocol::write_record(folder / "elsewhere.h5", cell, cell.runs[0], Outcome::diverged, "");
    CHECK(state().need == Need::unreadable);
}
