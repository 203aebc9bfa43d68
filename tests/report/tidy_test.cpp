// SPDX-License-Identifier: Apache-2.0
#include <report/tidy.hpp>

#include <catch.hpp>
#include <sample.hpp>

#include <algorithm>
#include <sstream>

using namespace mneme;
using namespace mneme::report;

namespace {

std::vector<std::string> lines(const results::File& file, Flat what, FlatFormat format) {
    std::string text;
    write_flat(file, what, format, [&](std::string_view row) { text += row; });
    std::istringstream in(text);
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
}

results::File file() {
    results::Block block = results::test::domain_block({"plain", "of, two \"words\""}, {7, 9});
    block.provenance["plain"]["plugin_id"] = block.provenance["of, two \"words\""]["plugin_id"] =
        "er";
    block.provenance["plain"]["options_toml"] = "memory = 1\n";
    block.provenance["of, two \"words\""]["options_toml"] = "memory = 2\n";
    block.provenance["plain"]["train_toml"] = block.provenance["of, two \"words\""]["train_toml"] =
        "lr = 0.1\n";
    return results::test::file_of({block});
}

} // namespace

TEST_CASE("accuracy: a row for each count, with the counts and the keys of the grid") {
    const auto rows = lines(file(), Flat::accuracy, FlatFormat::csv);
    REQUIRE(rows.size() == 1 + 2 * 2 * 9);
    CHECK(
        rows[0] ==
        "benchmark,method,seed,trained_task,evaluated_task,n_correct,n_evaluated,accuracy,memory");
    const results::Block block = file().blocks[0];
    const int right = block.n_correct.at({0, 0, 0, 1});
    std::ostringstream wanted;
    wanted.precision(17);
    wanted << "rotated-mini,plain,7,1,2," << right << ",991,";
    CHECK(rows[2].rfind(wanted.str(), 0) == 0);
    CHECK(rows[2].substr(rows[2].size() - 2) == ",1");
    const double value = std::stod(rows[2].substr(wanted.str().size()));
    CHECK(value == double(right) / 991); // to the last bit
    CHECK(rows[19].rfind("rotated-mini,\"of, two \"\"words\"\"\",7,1,1,", 0) == 0);
}

TEST_CASE("what was not evaluated has no row") {
    results::File sample = file();
    sample.blocks[0].n_correct.at({0, 0, 0, 1}) = -1;
    CHECK(lines(sample, Flat::accuracy, FlatFormat::csv).size() == 2 * 2 * 9);
}

TEST_CASE("forgetting has the entries below the diagonal") {
    CHECK(lines(file(), Flat::forgetting, FlatFormat::csv).size() == 1 + 2 * 2 * 3);
}

TEST_CASE("metrics: unknown values are empty in CSV and null in JSON") {
    results::File sample = file();
    sample.blocks[0].n_correct.at({0, 0, 2, 2}) = -1;
    const auto csv = lines(sample, Flat::metrics, FlatFormat::csv);
    CHECK(std::count(csv.begin(), csv.end(), "rotated-mini,plain,7,complete,average_accuracy,,1") ==
          1);
    const auto json = lines(sample, Flat::metrics, FlatFormat::jsonl);
    CHECK(json[0] ==
          "{\"benchmark\":\"rotated-mini\",\"method\":\"plain\",\"seed\":7,\"outcome\":"
          "\"complete\",\"metric\":\"average_accuracy\",\"value\":null,\"memory\":\"1\"}");
}

TEST_CASE("cost and curves: a row a task, a row a point") {
    const auto cost = lines(file(), Flat::cost, FlatFormat::csv);
    CHECK(cost.size() == 1 + 2 * 2 * 3);
    CHECK(cost[0] ==
          "benchmark,method,seed,trained_task,train_seconds,evaluate_seconds,"
          "end_task_seconds,train_samples,optimizer_steps,kept_bytes,peak_rss_bytes,"
          "peak_device_bytes,memory");
    CHECK(lines(file(), Flat::curves, FlatFormat::csv).size() == 1 + 2 * 2 * 6);
}

TEST_CASE("a grid key that a column is already called is told apart") {
    results::File sample = file();
    for (const char* method : {"plain", "of, two \"words\""})
        sample.blocks[0].provenance[method]["options_toml"] =
            std::string("seed = ") + (method[0] == 'p' ? "1" : "2") + "\n";
    CHECK(flat_columns(sample, Flat::curves).back() == "option.seed");
}
