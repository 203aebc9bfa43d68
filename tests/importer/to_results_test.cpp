// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"

#include <cmath>

#include <importer/to_results.hpp>
#include <results/results.hpp>

#include "folder.hpp"

using namespace mneme;
using namespace mneme::importer;

namespace {

const RunName er{"split", "er", "class", 1};

std::string fault(const Evaluations& all) {
    try {
        results_of(all, "f", "tidy");
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("imported accuracies are a valid file, marked, whose metrics are theirs") {
    const RunName si{"split", "si", "class", 2};
    const Evaluations all{{er, 1, 1, -1, -1, 0.9, 2}, {er, 2, 1, -1, -1, 0.5, 2},
                          {er, 2, 2, -1, -1, 0.8, 1}, {si, 1, 1, 45, 50, 0, 0},
                          {si, 2, 1, 40, 50, 0, 0},   {si, 2, 2, 30, 40, 0, 0}};
    const test::Folder folder;
    results::write(folder / "r.h5", results_of(all, "theirs.csv", "tidy"));
    CHECK(results::validate(folder / "r.h5") == std::vector<std::string>{});
    const results::Block block = results::read(folder / "r.h5").blocks.at(0);
    CHECK(block.methods == std::vector<std::string>{"er", "si"});
    CHECK(results::is_imported(block, 0));
    CHECK(block.provenance.at("er").at("reported_decimals") == "2");
    CHECK(block.provenance.at("er").at("imported_from") == "theirs.csv");
    CHECK(block.outcome.data == std::vector<std::int32_t>{0, 5, 5, 0});
    const results::Array<double> accuracy = results::accuracy(block);
    CHECK(accuracy.at({0, 0, 1, 0}) == 0.5);
    CHECK(std::isnan(accuracy.at({0, 0, 0, 1})));
    CHECK(accuracy.at({1, 1, 1, 1}) == 0.75);
    CHECK(block.digest.empty()); // nobody knows whether the data were the same
}

TEST_CASE("a run without its last row is not complete") {
    const results::Block block =
        results_of({{er, 1, 1, -1, -1, 0.9, 2}, {er, 2, 2, -1, -1, 0.5, 2}}, "f", "mammoth")
            .blocks.at(0);
    CHECK(block.outcome.data[0] == static_cast<std::int32_t>(results::Outcome::failed));
    CHECK(block.outcome_message.data[0] ==
          "the file does not hold the accuracy on every task after the last one");
}

TEST_CASE("a run has the tasks that it is said to have, not those with a number of their own") {
    const results::Block block =
        results_of({{er, 1, 1, -1, -1, 0.9, 2, 3}}, "f", "mammoth").blocks.at(0);
    CHECK(block.tasks.size() == 3);
    CHECK(block.outcome.data[0] == static_cast<std::int32_t>(results::Outcome::failed));
}

TEST_CASE("contradictions are refused") {
    CHECK(fault({}) == "f: holds no evaluation; expected at least one");
    CHECK(fault({{{"", "er", "class", 1}, 1, 1, -1, -1, 0.9, 2}}) ==
          "f: does not say the benchmark, the method or the scenario; give --benchmark, --method "
          "and --scenario");
    CHECK(fault({{er, 1, 1, -1, -1, 0.9, 2}, {er, 1, 1, -1, -1, 0.8, 2}}) ==
          "f: method \"er\", seed 1, task 1 after task 1 stands there twice with other numbers; "
          "leave one of the two out");
    CHECK(fault({{er, 1, 1, 9, 10, 0, 0}, {er, 2, 1, 9, 11, 0, 0}}) ==
          "f: task 1 has 11 and 10 examples; one benchmark has one number, give each its own "
          "name");
    CHECK(fault({{er, 1, 1, 9, 10, 0, 0}, {{"split", "er", "task", 1}, 2, 1, 9, 10, 0, 0}}) ==
          "f: benchmark \"split\" has two scenarios; give each a name of its own");
}
