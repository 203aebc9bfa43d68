// SPDX-License-Identifier: Apache-2.0
// The record of a run: what it says of the request, and that the schema takes it.
#include <cstdlib>

#include <results/results.hpp>

#include "../folder.hpp"
#include "catch.hpp"
#include "protocol/run_record.hpp"
#include "support.hpp"

using namespace mneme;
using namespace mneme::protocol;

TEST_CASE("a new record says what was asked, and that nothing is known yet") {
    Cell cell = protocol_test::full_cell();
    cell.data.most_test = 40;
    Provenance made;
    made.libtorch = "2.11.0";
    made.conv_impl = "none";
    const auto record = new_record(cell, cell.runs[0], {6, 50}, made);
    CHECK(record.benchmark == "tiny");
    CHECK(record.digest == std::string(64, 'c'));
    CHECK(record.seeds == std::vector<std::int32_t>{2});
    CHECK(record.tasks.size() == 3);
    CHECK(record.confusion.shape == std::vector<std::size_t>{1, 1, 3, 6, 6});
    CHECK(record.train_loss.shape == std::vector<std::size_t>{1, 1, 150});
    CHECK(record.task_of_point.at({49}) == 1);
    CHECK(record.task_of_point.at({50}) == 2);
    CHECK(record.n_correct_task_aware.shape == record.n_correct.shape); // scenario class
    CHECK(record.outcome.at({0, 0}) == std::int32_t(results::Outcome::missing));
    const auto& said = record.provenance.at("ewc");
    CHECK(record.request_digest.at({0, 0}) == std::string(64, 'a'));
    CHECK(record.limit_train == 500);
    CHECK(record.limit_test == 40);
    CHECK(record.chance_accuracy == 1.0 / 6); // three tasks of two classes, one head
    CHECK(record.run_device.at({0, 0}) == "cpu");
    CHECK_FALSE(record.run_host.at({0, 0}).empty());
    CHECK(said.at("options_toml") == "fisher = \"exact\"\nlambda = 2.5\n");
    CHECK(said.at("train_toml") == "epochs = 20\nlr = 0.01\n");
    CHECK(said.at("plugin_sha256") == std::string(64, 'b'));
    CHECK(said.at("device") == "cpu");
    CHECK(said.at("threads") == "3");
    CHECK(said.at("libtorch") == "2.11.0");
    CHECK(said.at("blas") == "unknown");
    CHECK_FALSE(said.at("host").empty());
}

TEST_CASE("a record whose worker died has the same keys as one that was trained") {
    const Cell cell = protocol_test::full_cell();
    const auto died = empty_record(cell, cell.runs[0], results::Outcome::failed, "signal 9");
    const auto trained = new_record(cell, cell.runs[0], {6, 50}, {});
    CHECK(died.outcome.at({0, 0}) == std::int32_t(results::Outcome::failed));
    CHECK(died.outcome_message.at({0, 0}) == "signal 9");
    CHECK(died.provenance == trained.provenance);
}

TEST_CASE("the schema takes a record: no key that it asks for is missing") {
    const test::Folder folder;
    const Cell cell = protocol_test::full_cell();
    const auto path = folder.path() / "r.h5";
    write_record(path, cell, cell.runs[0], results::Outcome::timeout, "too long");
    CHECK(results::validate(path) == std::vector<std::string>{});
    const auto file = results::read(path);
    CHECK(file.title == "tiny, ewc, seed 2");
    CHECK(results::request_mismatch(file.blocks.at(0), std::string(64, 'a'), 2).empty());
    CHECK_FALSE(results::request_mismatch(file.blocks.at(0), std::string(64, 'b'), 2).empty());
}

TEST_CASE("a record names the job as the scheduler's own commands do") {
    const Cell cell = protocol_test::full_cell();
    const auto job = [&](const char* number, const char* array, const char* task) {
        for (const auto& [name, value] :
             {std::pair("SLURM_JOB_ID", number), std::pair("SLURM_ARRAY_JOB_ID", array),
              std::pair("SLURM_ARRAY_TASK_ID", task)})
            value ? setenv(name, value, 1) : unsetenv(name);
        const std::string said = new_record(cell, cell.runs[0]).job_id.at({0, 0});
        for (const char* name : {"SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID"})
            unsetenv(name);
        return said;
    };
    CHECK(job(nullptr, nullptr, nullptr).empty());
    CHECK(job("12", nullptr, nullptr) == "12");
    CHECK(job("15", "12", "3") == "12_3");
}
