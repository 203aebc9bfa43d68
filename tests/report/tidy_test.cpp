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

TEST_CASE("barriers: a row for each line and task, with what the loss does between the ends") {
    results::Block block = results::test::inside_block();
    const auto rows = lines(results::test::file_of({block}), Flat::barriers, FlatFormat::csv);
    CHECK(rows[0] ==
          "benchmark,method,seed,from_task,to_task,evaluated_task,distance,barrier,"
          "matched_barrier,l2_barrier,mid_barrier,cka");
    const std::size_t runs = block.methods.size() * block.seeds.size();
    CHECK(rows.size() == 1 + runs * block.geometry_pair_from.data.size() * block.tasks.size());
    // 1, 1, ..., 4, ..., 1: the hill stands 3 above the line between the ends.
    for (std::size_t p = 0; p < block.geometry_position.data.size(); ++p)
        block.geometry_loss.at({0, 0, 0, p, 0}) = p == 1 ? 4 : 1;
    block.geometry_distance.at({0, 0, 0}) = 2.5;
    block.geometry_cka.at({0, 0, 0, 0}) = 0.75;
    const auto hill = lines(results::test::file_of({block}), Flat::barriers, FlatFormat::csv)[1];
    CHECK(hill.find(",1,2.5,3,") != std::string::npos);
    CHECK(hill.ends_with(",0.75"));
    CHECK(lines(file(), Flat::barriers, FlatFormat::csv).size() == 1);
}

TEST_CASE("planes: a row for each point and task") {
    results::Block block = results::test::inside_block();
    const std::size_t side = block.geometry_plane_position.data.size();
    block.geometry_plane_loss.at({0, 0, 0, 1, 0, 2}) = 0.125;
    const auto rows = lines(results::test::file_of({block}), Flat::planes, FlatFormat::csv);
    CHECK(rows[0] ==
          "benchmark,method,seed,first_task,second_task,third_task,u,v,evaluated_task,loss");
    CHECK(rows.size() == 1 + block.geometry_plane_loss.data.size());
    // v = 1 is the second row of points, u = 0 the first of it, and task 3 the third of it
    CHECK(rows[1 + side * block.tasks.size() + 2].ends_with(",-0.5,0,3,0.125"));
    CHECK(lines(file(), Flat::planes, FlatFormat::csv).size() == 1);
}
