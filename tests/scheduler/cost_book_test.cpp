// SPDX-License-Identifier: Apache-2.0
#include "scheduler/cost_book.hpp"

#include <fstream>

#include "../folder.hpp"
#include "../protocol/support.hpp"
#include "catch.hpp"

using namespace mneme;
using namespace mneme::scheduler;

namespace {

protocol::Cell cell_of(const std::string& benchmark, const std::string& plugin,
                       const std::string& label, char digest = 'a') {
    protocol::Cell cell = protocol_test::full_cell();
    cell.data.benchmark.spec.name = benchmark;
    cell.plugin.id = plugin;
    cell.runs.resize(1);
    cell.runs[0].label = label;
    cell.runs[0].digest = std::string(64, digest);
    return cell;
}

} // namespace

TEST_CASE("a cost is looked up under the nearest kind that is known") {
    CostBook book;
    CHECK_FALSE(book.seconds(cell_of("a", "er", "er")).has_value());
    book.add(cell_of("a", "er", "er"), 10);
    CHECK(book.knows(cell_of("a", "er", "er")));
    CHECK_FALSE(book.knows(cell_of("a", "er", "er-large")));
    book.add(cell_of("a", "er", "er"), 20);
    book.add(cell_of("a", "ewc", "ewc"), 60);
    CHECK(book.seconds(cell_of("a", "er", "er")) == 15.0);
    CHECK(book.seconds(cell_of("a", "er", "er-large")) == 15.0);
    CHECK(book.seconds(cell_of("a", "si", "si")) == 30.0);
    CHECK(book.seconds(cell_of("b", "er", "er")) == 30.0);
}

TEST_CASE("the time that is left, where workers take the longest cells first") {
    CHECK(seconds_until_end({}, {}, 2) == 0);
    CHECK(seconds_until_end({5}, {}, 2) == 5);
    CHECK(seconds_until_end({}, {1, 2, 3}, 1) == 6);
    CHECK(seconds_until_end({}, {1, 2, 3}, 2) == 3);
    CHECK(seconds_until_end({4, 1}, {2, 2}, 2) == 5);
    CHECK(seconds_until_end({}, {1, 2, 3}, 8) == 3);
}

TEST_CASE("the log tells what finished runs of a plan took; a line that is none is passed over") {
    test::Folder place;
    const protocol::RunFolder folder(place / ".");
    const auto known = cell_of("a", "er", "er", 'a'), failed = cell_of("b", "er", "er", 'b');
    CHECK_FALSE(earlier_costs(folder, {known}).seconds(known).has_value());
    const auto line = [](char run, const char* outcome, double seconds) {
        return protocol::Json{{"event", "run_ended"},
                              {"run", std::string(64, run)},
                              {"outcome", outcome},
                              {"seconds", seconds}}
                   .dump() +
               "\n";
    };
    std::ofstream(folder.events())
        << line('a', "complete", 100) << "cut off {\n[]\n"
        << line('b', "failed", 3) << line('a', "complete", 8) << line('c', "complete", 1);
    const CostBook book = earlier_costs(folder, {known, failed});
    CHECK(book.seconds(known) == 8.0);
    CHECK(book.seconds(failed) == 8.0);
}
