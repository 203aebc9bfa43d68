// SPDX-License-Identifier: Apache-2.0
// The plan as a file: exactly what was planned, and refused where it was changed.
#include "catch.hpp"

#include <base/regular_file.hpp>
#include "planned.hpp"

using namespace plan_test;

TEST_CASE("a plan survives its file exactly, and a cell is found by its index") {
    const Suites suites;
    auto planned = prepare(suites, grid);
    planned.options = {{"cpu", 1, "fp32"},
                       2,
                       true,
                       {"/data one", "/data \"two\""},
                       "/out",
                       "mneme run s.toml --set x='a b'"};
    const Plan plan = planned.plan();
    const fs::path path = suites.folder.path() / "plan.json";
    write_plan(path, plan);
    const Plan again = read_plan(path);
    CHECK(to_json(again) == to_json(plan));
    CHECK(shape(again) == shape(plan));
    CHECK(again.cells[0].runs[0].options[0].second.where ==
          plan.cells[0].runs[0].options[0].second.where);
    CHECK(again.cells[0].evaluation.weights == "task_ends");
    CHECK(again.cells[0].data.folders[1] == "/data \"two\"");
    CHECK(std::distance(fs::directory_iterator(suites.folder.path()), {}) ==
          3); // b, s.toml, plan.json: no draft is left
}

TEST_CASE("some cells of a plan are those of all, and no others are read") {
    const Suites suites;
    auto planned = prepare(suites, grid);
    planned.options.replicas = 2;
    const Plan plan = planned.plan();
    REQUIRE(plan.cells.size() == 5);
    const fs::path path = suites.folder.path() / "plan.json";
    write_plan(path, plan);
    for (const CellRange range : {CellRange{0, 0}, {1, 3}, {4, 4}, {0, 4}}) {
        Plan wanted = plan;
        wanted.cells = {plan.cells.begin() + std::ptrdiff_t(range.first),
                        plan.cells.begin() + std::ptrdiff_t(range.last) + 1};
        CHECK(to_json(read_plan(path, range)) == to_json(wanted));
    }
    const auto fault = [&](CellRange range) { return fault_of([&] { read_plan(path, range); }); };
    CHECK(fault({5, 5}) == "64 --index 5: the plan has 5 cells; use 0 to 4");
    CHECK(fault({3, 7}) == "64 --index 7: the plan has 5 cells; use 0 to 4");
    write_plan(path, {});
    CHECK(fault({0, 0}) == "64 --index 0: the plan has 0 cells; nothing is left to run");
}

TEST_CASE("a plan that was changed is refused whichever of its cells are read") {
    const Suites suites;
    const fs::path path = suites.folder.path() / "plan.json";
    write_plan(path, prepare(suites, grid).plan());
    const std::string sound = mneme::base::read_file(path, 1 << 20);
    const auto fault_with = [&](const std::string& from, const std::string& to) {
        std::string text = sound;
        const std::size_t at = text.rfind(from);
        REQUIRE(at != std::string::npos);
        text.replace(at, from.size(), to);
        suites.folder.write("plan.json", text);
        return suites.folder.shorten(fault_of([&] { read_plan(path, {1, 2}); }));
    };
    const std::string changed =
        "65 plan.json: its content is not what its content_digest says; the file was changed after "
        "it was written: make the plan again";
    CHECK(fault_with("\"memory_mib\": 0", "\"memory_mib\": 1") == changed);
    CHECK(fault_with("\"seed\"", "\"need\"") == changed);
    const std::string not_json =
        "65 plan.json: is not a plan (it is not JSON); use the file that `mneme plan SUITE.toml -o "
        "DIR` writes";
    CHECK(fault_with("]", "") == not_json);
    CHECK(fault_with("\"cells\"", "\"cells") == not_json);
    CHECK(fault_with("\"cells\"", "\"others\"").find("(cells: is missing)") != std::string::npos);
}

TEST_CASE("a plan in which anything was changed by hand is refused") {
    const Suites suites;
    const fs::path path = suites.folder.path() / "plan.json";
    write_plan(path, prepare(suites, grid).plan());
    const std::string sound = mneme::base::read_file(path, 1 << 20);
    const auto fault_with = [&](const std::string& from, const std::string& to) {
        std::string text = sound;
        const std::size_t at = text.find(from);
        REQUIRE(at != std::string::npos);
        text.replace(at, from.size(), to);
        suites.folder.write("plan.json", text);
        return suites.folder.shorten(fault_of([&] { read_plan(path); }));
    };
    const std::string changed =
        "65 plan.json: its content is not what its content_digest says; the file was changed after "
        "it was written: make the plan again";
    CHECK(fault_with("mneme_plan", "mneme_plan") == "");
    CHECK(fault_with("\"memory_mib\": 0", "\"memory_mib\": 1") == changed);
    CHECK(fault_with("\"label\": \"e", "\"label\": \"f") == changed);
    CHECK(fault_with("content_digest\": \"", "content_digest\": \"0") == changed);
    CHECK(fault_with("\n", "\n\n") == changed);
    CHECK(fault_with("\"content_digest\"", "\"content\"").find("is not a plan") !=
          std::string::npos);
}

TEST_CASE("a plan's file is its JSON, and its faults are named alike when it is read in pieces") {
    const Suites suites;
    const Planned planned = prepare(suites, grid);
    const Folder folder;
    const Plan plan = planned.plan();
    write_plan(folder.path() / "plan.json", plan);
    std::string text = mneme::base::read_file(folder.path() / "plan.json", 1 << 20);
    const std::string key = "\"content_digest\": \"";
    text.replace(text.find(key) + key.size(), 64, std::string(64, '0'));
    CHECK(text == to_json(plan).dump(1) + "\n");
    write_plan(folder.path() / "empty.json", {});
    CHECK(to_json(read_plan(folder.path() / "empty.json")) == to_json(Plan{}));
    const auto same_fault = [&](auto change, const std::string& why) {
        Json json = to_json(plan);
        change(json);
        const fs::path file = folder.write("changed.json", json.dump());
        const std::string fault = fault_of([&] { read_plan(file); });
        CHECK(fault == fault_of([&] { plan_from_json(json, file.string()); }));
        CHECK(fault.find(why) != std::string::npos);
    };
    same_fault([](Json& j) { j["cells"][3]["runs"][0].erase("seed"); },
               "(cells[3].runs[0].seed: is missing)");
    same_fault([](Json& j) { j["cells"][2] = 7; }, "(cells[2]: an object is expected)");
    same_fault([](Json& j) { j["cells"][2] = {1, 2}; }, "(cells[2]: an object is expected)");
    same_fault([](Json& j) { j["cells"] = {{"a", j["cells"][0]}}; }, "(cells: a list is expected)");
    same_fault([](Json& j) { j.erase("cells"); }, "(cells: is missing)");
    same_fault([](Json& j) { j["cells"][1]["runs"][0]["seed"] = 3; }, "seed 3: the settings are");
}

TEST_CASE("a plan whose settings are not those of its digests is refused") {
    const Suites suites;
    const Planned planned = prepare(suites, grid);
    const Json sound = to_json(planned.plan());
    const auto fault = [&](auto change) {
        Json plan = sound;
        change(plan["cells"][3]);
        return fault_of([&] { plan_from_json(plan, "plan.json"); });
    };
    CHECK(fault([](Json&) {}).empty());
    const auto run_of = [](const std::string& seed) {
        return "65 plan.json: e[lambda=2,memory=3], seed " + seed +
               ": the settings are not those that its digest was made of; the file was changed "
               "after it was written: make the plan again";
    };
    const std::string run = run_of("2");
    const std::string benchmark =
        "65 plan.json: benchmark tiny: the keys are not those that its "
        "digest was made of; the file was changed after it was written: "
        "make the plan again";
    CHECK(fault([](Json& c) { c["runs"][0]["effective_train"]["epochs"] = 7; }) == run);
    CHECK(fault([](Json& c) { c["runs"][0]["effective_options"]["lambda"] = 7; }) == run);
    CHECK(fault([](Json& c) { c["runs"][0]["seed"] = 3; }) == run_of("3"));
    CHECK(fault([](Json& c) { c["runs"][0]["digest"] = std::string(64, 'a'); }) == run);
    CHECK(fault([](Json& c) { c["plugin"]["id"] = "si"; }) == run);
    CHECK(fault([](Json& c) { c["data"]["most_train"] = 7; }) == run);
    CHECK(fault([](Json& c) { c["data"]["evaluate_on"] = "validation"; }) == run);
    CHECK(fault([](Json& c) { c["execution"]["precision"] = "tf32"; }) == run);
    CHECK(fault([](Json& c) { c["execution"]["device"] = "cuda"; }) == run);
    CHECK(fault([](Json& c) { c["data"]["benchmark"]["spec"]["train"]["lr"] = 7; }) == benchmark);
    CHECK(fault([](Json& c) { c["data"]["benchmark"]["spec"]["stream"]["tasks"] = 4; }) ==
          benchmark);
    CHECK(fault([](Json& c) { c["data"]["benchmark"]["payload"] = "77"; }) == benchmark);
    CHECK(fault([](Json& c) { c["data"]["benchmark"]["toml"] = "x = 1"; }) == benchmark);
    CHECK(fault([](Json& c) { c["data"]["benchmark"]["digest"] = "77"; }) == benchmark);
    // What changes no number may be changed: limits, threads, folders.
    CHECK(fault([](Json& c) { c["limits"]["wall_s"] = 60; }).empty());
    CHECK(fault([](Json& c) { c["output"] = "/elsewhere"; }).empty());
}

TEST_CASE("files that are not a plan, and places where none can be written") {
    const Folder folder;
    const std::string remedy = "; use the file that `mneme plan SUITE.toml -o DIR` writes";
    const auto fault = [&](const fs::path& path) {
        return folder.shorten(fault_of([&] { read_plan(path); }));
    };
    CHECK(fault(folder.path() / "none.json") == "65 none.json: does not exist");
    CHECK(fault(folder.write("a.json", "{}")) ==
          "65 a.json: is not a plan (no key mneme_plan)" + remedy);
    CHECK(fault(folder.write("b.json", "{\"mneme_plan\": 1}")) ==
          "65 b.json: is not a plan (format 1, this program reads 3)" + remedy);
    CHECK(fault(folder.write("c.json", "{\"mneme_plan\": 2, \"sui")) ==
          "65 c.json: is not a plan (it is not JSON)" + remedy);
    CHECK(fault(folder.write("d.json", "{\"mneme_plan\": 3}")) ==
          "65 d.json: is not a plan (content_digest: is missing)" + remedy);
    fs::create_directories(folder.path() / "taken.json" / "x");
    CHECK_THROWS_AS(write_plan(folder.path() / "taken.json", {}), std::system_error);
    CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == 5); // nothing half-written
}
