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
    const StartCounter counter{folder};
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
         {"", "[", "7", "{\"checkpoint\": 0}", "{\"checkpoint\": 0, \"starts\": {}}"}) {
        place.write("out/cells/" + cell.runs[0].digest + ".starts", text);
        CHECK(counter.starts(cell) == 0);
    }
}
