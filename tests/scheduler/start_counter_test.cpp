// SPDX-License-Identifier: Apache-2.0
#include "scheduler/start_counter.hpp"

#include "../folder.hpp"
#include "../protocol/support.hpp"
#include "catch.hpp"

using namespace mneme;
using namespace mneme::scheduler;

namespace {

struct Fixture {
    std::filesystem::path file() const { return folder.paths().starts(cell.runs[0].digest); }

    test::Folder place;
    ResultsFolder folder{place / "out", ResultsFolder::Use::shared};
    const StartCounter counter{folder.paths()};
    protocol::Cell cell = protocol_test::full_cell();
};

} // namespace

TEST_CASE_METHOD(Fixture, "starts are counted until the cell has its records") {
    CHECK(counter.starts(cell) == 0);
    counter.add(cell);
    counter.add(cell);
    CHECK(counter.starts(cell) == 2);
    counter.forget(cell);
    CHECK(counter.starts(cell) == 0);
    CHECK_FALSE(std::filesystem::exists(file()));
}

TEST_CASE_METHOD(Fixture, "a new checkpoint begins the count again, of a half of the cell too") {
    protocol::Run second = cell.runs[0];
    second.digest = std::string(64, 'f');
    cell.runs.push_back(second);
    counter.add(cell);
    place.write("out/checkpoints/" + second.digest, "half of the runs"); // of one run: its digest
    CHECK(counter.starts(cell) == 0);
    counter.add(cell);
    CHECK(counter.starts(cell) == 1);
}

TEST_CASE_METHOD(Fixture, "a damaged count counts as none") {
    for (const char* text :
         {"", "[", "7", "{\"checkpoint\": 0}", "{\"checkpoint\": 0, \"starts\": {}}",
          "{\"checkpoint\": 0, \"starts\": 2, \"runs\": [7], \"kept_out\": 0, \"holder\": \"\"}"}) {
        place.write("out/cells/" + cell.runs[0].digest + ".starts", text);
        CHECK(counter.starts(cell) == 0);
    }
}

TEST_CASE_METHOD(Fixture, "a run's restarts are what its workers said, and none before the first") {
    const protocol::Run& run = cell.runs[0];
    CHECK(counter.restarts(cell, run) == 0);
    place.write("out/checkpoints/" + run.digest, "of a mneme that did not count");
    CHECK(counter.restarts(cell, run) == -1);
    counter.add(cell);
    counter.note(cell, {{{run.digest, 0}}});
    CHECK(counter.restarts(cell, run) == 0);
    counter.note(cell, {{{run.digest, 2}, {std::string(64, 'f'), 5}}});
    CHECK(counter.restarts(cell, run) == 2);
    counter.note(cell, {{{run.digest, 0}}}); // from the beginning: its checkpoint could not be read
    CHECK(counter.restarts(cell, run) == 0);
    CHECK(counter.starts(cell) == 1);
}

TEST_CASE_METHOD(Fixture, "what a worker said of restarts outlasts further starts") {
    counter.add(cell);
    counter.note(cell, {{{cell.runs[0].digest, 3}}});
    counter.add(cell);
    CHECK(counter.restarts(cell, cell.runs[0]) == 3);
    CHECK(counter.starts(cell) == 2);
}

TEST_CASE_METHOD(Fixture, "a start and three restarts may be kept out by one mneme") {
    for (int start = 0; start < 4; ++start) CHECK_FALSE(counter.keeps_out_again(cell, "7 on a"));
    CHECK(counter.keeps_out_again(cell, "7 on a"));
    CHECK_FALSE(counter.keeps_out_again(cell, "8 on a"));
    CHECK(counter.starts(cell) == 0); // it never trained: that is not counted against it
    for (int start = 0; start < 3; ++start) CHECK_FALSE(counter.keeps_out_again(cell, "8 on a"));
    counter.add(cell); // it got in
    CHECK_FALSE(counter.keeps_out_again(cell, "8 on a"));
    CHECK(counter.starts(cell) == 1);
}
