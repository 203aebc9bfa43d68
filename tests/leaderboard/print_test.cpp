// SPDX-License-Identifier: Apache-2.0
// The formats, and what names may do to them.
#include "leaderboard/print.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "catch.hpp"
#include "sample.hpp"
#include "schema.hpp"

using namespace mneme;
using Catch::Matchers::ContainsSubstring;
using leaderboard::BoardOptions;
using leaderboard::Format;
using leaderboard::make_leaderboard;
using leaderboard::print;
using sample::block_of;
using sample::even;

namespace {

const std::string evil = "a|b\\c=&<d>\"e\"\x1b[31m\n$_%#{}~^,`*";

std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> out;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) out.push_back(line);
    return out;
}

nlohmann::json leaderboard_schema() {
    std::ifstream file(MNEME_LEADERBOARD_SCHEMA);
    REQUIRE(file);
    return nlohmann::json::parse(file);
}

nlohmann::json json_of(const std::vector<results::Block>& blocks,
                       const BoardOptions& options = {}) {
    return nlohmann::json::parse(print(make_leaderboard(blocks, options), Format::json));
}

const double none = std::nan("");

results::Block with_everything() { // an oracle, a failed method, unequal seeds, an evil name
    auto block = block_of({even(evil, {70, 71, 72}), even("b", {60, 61, none}),
                           even("joint", {90, 91, 92}, "oracle"), even("dead", {1, 2, 3})},
                          {1, 2, 3});
    block.outcome.at({3, 1}) = std::int32_t(results::Outcome::diverged);
    return block;
}

results::Block imported() {
    auto block = block_of({even("er@theirs", {70, 71})}, {1, 2});
    block.provenance["er@theirs"] = {{"origin", "imported"}, {"imported_from", "theirs.csv"}};
    return block;
}

} // namespace

TEST_CASE("the table: heading, verdict, rows within 80 columns, notes") {
    const std::string text = print(make_leaderboard({sample::permuted()}, {}), Format::table);
    CHECK(text ==
          "toy (scenario domain, test set; 2 tasks, 5 seeds; chance 0.1000)\n"
          "Of 10 pairs 10 are told apart. er leads and is told apart from every other\n"
          "method.\n"
          "\n"
          "rank  method    average accuracy  tier       to the best  P(1st)  train s  seeds\n"
          "   1  er         0.7444 ± 0.0175  a                 best    1.00      6.0      5\n"
          "   2  agem       0.7288 ± 0.0169  b     -0.0156 ± 0.0221    0.00      6.0      5\n"
          "   3  mcsgd      0.6920 ± 0.0183  c     -0.0525 ± 0.0221    0.00      6.0      5\n"
          "   4  ewc        0.6099 ± 0.0213  d     -0.1345 ± 0.0221    0.00      6.0      5\n"
          "   5  finetune   0.4676 ± 0.0242  e     -0.2769 ± 0.0221    0.00      6.0      5\n"
          "\n"
          "to the best: paired by seed, with an interval that holds for all 10 pairs at 95\n"
          "%. Holm's tests (moderated t) decide; they may tell a pair apart whose interval\n"
          "just holds 0.\n"
          "tier: methods that share a letter are not told apart.\n"
          "±: half of the 95 % t interval of the mean over the method's seeds.\n");
}

TEST_CASE("a benchmark of which nothing has run yet has no table") {
    const auto block = block_of({even("er", {none, none}), even("ewc", {none, none})}, {1, 2});
    const auto board = make_leaderboard({block}, {});
    const std::string tail =
        "No method is complete, so nothing is ranked.\n\n"
        "er and ewc: not ranked, 0 of 2 seeds complete (none has run).\n";
    CHECK_THAT(print(board, Format::table), Catch::Matchers::EndsWith(tail));
    CHECK(print(board, Format::markdown).find("| rank |") == std::string::npos);
}

TEST_CASE("no line of the default table is wider than 80 columns; --wide has every measure") {
    const auto board = make_leaderboard({with_everything(), sample::permuted()}, {});
    const std::string wide = print(board, Format::table, true);
    for (const auto& measure : leaderboard::measures())
        CHECK_THAT(wide, ContainsSubstring(measure.name == "train_seconds" ? "train s"
                                           : measure.name == "kept_bytes"  ? "kept"
                                                                           : measure.words()));
    for (const std::string& line :
         lines(print(make_leaderboard({sample::permuted()}, {}), Format::table)))
        CHECK(leaderboard::width(line) <= 80);
}

TEST_CASE("names harm no format") {
    const auto board = make_leaderboard({with_everything()}, {});
    for (Format format :
         {Format::table, Format::markdown, Format::latex, Format::csv, Format::json})
        for (char c : print(board, format))
            CHECK((c == '\n' || static_cast<unsigned char>(c) >= 0x20));
    const auto csv = lines(print(board, Format::csv));
    REQUIRE(csv.size() == 5); // a line feed in a name makes no row
    const auto markdown = lines(print(board, Format::markdown));
    for (const std::string& line : markdown)
        if (line[0] == '|') { // as many cells as the heading
            std::size_t bars = 0;
            for (std::size_t i = 0; i < line.size(); ++i)
                bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
            CHECK(bars == 13);
        }
    CHECK_THAT(
        print(board, Format::latex),
        ContainsSubstring("a\\textbar{}b\\textbackslash{}c=\\&\\textless{}d\\textgreater{}"));
    CHECK(json_of({with_everything()})["leaderboards"][0]["ranked"][0]["method"] == evil);
}

TEST_CASE("JSON is what the schema says, for every kind of board") {
    const auto schema = leaderboard_schema();
    BoardOptions baseline;
    baseline.baseline = "b";
    BoardOptions cost;
    cost.metric = "kept_bytes";
    cost.equal = "seconds";
    auto looks = sample::permuted();
    looks.looks = {5, 10, 20};
    for (const auto& json :
         {json_of({with_everything()}), json_of({with_everything()}, baseline),
          json_of({sample::permuted()}, cost), json_of({looks}),
          json_of({sample::permuted(),
                   block_of({even("er", {1, 2}), even("ewc", {3, 5})}, {1, 2}, "second")}),
          json_of({block_of({even("a", {1})}, {1})}), json_of({})})
        CHECK(schema::faults(json, schema) == std::vector<std::string>{});
    const leaderboard::Compared beside{sample::permuted(), {imported()}};
    for (const bool ranked : {false, true}) {
        BoardOptions asked;
        asked.rank_imported = ranked;
        const auto json =
            nlohmann::json::parse(print(make_leaderboard({beside}, asked), Format::json));
        CHECK(schema::faults(json, schema) == std::vector<std::string>{});
        CHECK(json["leaderboards"][0]["imported"].size() == (ranked ? 0 : 1));
    }
    CHECK(schema::faults(nlohmann::json{{"leaderboards", 1}}, schema).size() == 2);
}

TEST_CASE("the JSON holds the numbers of the board, null for what is not known") {
    const auto board = leaderboard::make_board(sample::permuted(), {});
    const auto json = json_of({sample::permuted()})["leaderboards"][0];
    CHECK(json["seeds"] == nlohmann::json({1, 2, 3, 4, 5}));
    CHECK(json["ranked"][0]["method"] == "er");
    CHECK(json["ranked"][0]["difference_to_best"].is_null());
    CHECK(json["ranked"][1]["difference_to_best"]["mean"] == board.ranked[1].to_reference.mean);
    CHECK(json["ranked"][1]["difference_to_best"]["simultaneous"] == true);
    CHECK(json["ranked"][0]["peak_rss_bytes"].is_null());
    CHECK(json["pairs"].size() == 10);
    CHECK(json["pairs"][0]["p_adjusted"] == board.pairs[0].p_adjusted);
    CHECK(json["variance_prior"]["degrees_of_freedom"].is_null()); // infinite
    CHECK(json["verdict"]["text"] == board.verdict.text());
}

TEST_CASE("CSV: a row a method, full precision") {
    const auto rows = lines(print(make_leaderboard({sample::permuted()}, {}), Format::csv));
    REQUIRE(rows.size() == 6);
    CHECK(rows[0].substr(0, 54) == "benchmark,group,rank,method,metric,mean,half_width_95,");
    const auto board = leaderboard::make_board(sample::permuted(), {});
    std::istringstream fields(rows[1]);
    std::string field;
    for (int i = 0; i < 6; ++i) std::getline(fields, field, ',');
    CHECK(std::stod(field) == board.ranked[0].score.mean);
}

TEST_CASE("LaTeX: booktabs, the minus of mathematics, the best in bold, tiers, the verdict") {
    const std::string text = print(make_leaderboard({sample::permuted()}, {}), Format::latex);
    for (const char* part :
         {"\\usepackage{booktabs}", "\\toprule", "\\bottomrule", "\\textbf{0.7444",
          "er\\textsuperscript{a}", "& $-$0.0156 $\\pm$", "er leads and is told apart"})
        CHECK_THAT(text, ContainsSubstring(part));
}

TEST_CASE("Markdown: a heading, the verdict, a table, notes as a list") {
    const std::string text = print(make_leaderboard({sample::permuted()}, {}), Format::markdown);
    CHECK(text.substr(0, 11) == "## toy (sce");
    CHECK_THAT(text, ContainsSubstring("| rank | method   | average accuracy |"));
    CHECK_THAT(text, ContainsSubstring("\n- tier: methods that share a letter"));
}
