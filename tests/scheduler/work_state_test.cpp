// SPDX-License-Identifier: Apache-2.0
#include "scheduler/work_state.hpp"

#include <fstream>

#include <unistd.h>
#include <base/system.hpp>

#include "../folder.hpp"
#include "catch.hpp"

using namespace mneme;
using namespace mneme::scheduler;

TEST_CASE("what works in a folder can be read there") {
    test::Folder place;
    const protocol::RunFolder folder(place / ".");
    CHECK(work_in(folder).empty());
    std::filesystem::create_directories(folder.cells());
    WorkState state{getpid(), base::host_name(), 9, 3, 4, 12.5, {}};
    state.running.push_back(
        {"er, seed 1, toy", "abc", "train", "mask", 3, 5, 120, 400, 0.5, {}, 7});
    write_state(folder.progress("abc"), state);
    write_state(folder.progress("ended"), {999'999'999, base::host_name(), 1, 0, 0, {}, {}});
    std::ofstream(folder.progress("strange")) << "{\"process\": \"x\"}";
    std::ofstream(folder.cell("abc")) << "{}";
    const auto found = work_in(folder);
    REQUIRE(found.size() == 1);
    CHECK(found[0].waiting == 4);
    CHECK(found[0].seconds_left == 12.5);
    REQUIRE(found[0].running.size() == 1);
    CHECK(found[0].running[0].title == "er, seed 1, toy");
    CHECK(found[0].running[0].accuracy == 0.5);
    CHECK_FALSE(found[0].running[0].seconds_left.has_value());
}

TEST_CASE("a process of another machine counts while it renews its file") {
    test::Folder place;
    const protocol::RunFolder folder(place / ".");
    std::filesystem::create_directories(folder.cells());
    write_state(folder.progress("far"), {1, "elsewhere", 1, 0, 0, {}, {}});
    CHECK(work_in(folder).size() == 1);
    std::filesystem::last_write_time(
        folder.progress("far"),
        std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
    CHECK(work_in(folder).empty());
}

TEST_CASE("a place in words") {
    RunningCell cell;
    CHECK(place(cell) == "starting");
    cell.stage = "evaluate";
    CHECK(place(cell) == "evaluating before the first task");
    cell.task = 3, cell.tasks = 5, cell.step = 7, cell.steps = 20;
    CHECK(place(cell) == "task 3/5, test 7/20");
    cell.stage = "train";
    CHECK(place(cell) == "task 3/5, step 7/20");
    cell.phase = "mask";
    CHECK(place(cell) == "task 3/5, mask, step 7/20");
    cell.stage = "end_task";
    CHECK(place(cell) == "task 3/5");
}
