// SPDX-License-Identifier: Apache-2.0
#include <cli/fitted_table.hpp>

#include <catch.hpp>

#include <algorithm>
#include <sstream>

using namespace mneme::cli;

namespace {

mneme::leaderboard::Table table() {
    return {{{"name"}, {"size", true}, {"summary"}, {"file"}},
            {{"er", "10", "replay of stored examples beside those of the batch", "/a/b/er.so"},
             {"si", "2", "short", "/a/b/si.so"}}};
}

std::size_t widest(const std::string& text) {
    std::istringstream in(text);
    std::size_t most = 0;
    for (std::string line; std::getline(in, line);) most = std::max(most, line.size());
    return most;
}

} // namespace

TEST_CASE("a table that fits is left as it is") {
    CHECK(fitted_table(table(), {{"file"}, {"summary"}}, 100) ==
          render(table(), mneme::leaderboard::Format::table));
}

TEST_CASE("columns are left out one by one, then a text is wrapped") {
    CHECK(fitted_table(table(), {{"file", "size"}, {"summary"}}, 42) ==
          "name  size  summary\n"
          "er      10  replay of stored examples\n"
          "            beside those of the batch\n"
          "si       2  short\n"
          "Not shown for want of room: file. --json\n"
          "and wider terminals have it.\n");
    const std::string narrow = fitted_table(table(), {{"file", "size"}, {"summary"}}, 30);
    CHECK(narrow.find("Not shown for want of room:\nfile, size.") != std::string::npos);
    CHECK(widest(narrow) <= 30);
}

TEST_CASE("two texts share the room that the other columns leave") {
    const mneme::leaderboard::Table keys{
        {{"key"}, {"values"}, {"meaning"}},
        {{"kind", "one of rotated, permuted, split, sequence", "how tasks come about: by turns"},
         {"tasks", "2 to 100", "how many"}}};
    CHECK(fitted_table(keys, {{}, {"values", "meaning"}}, 62) ==
          "key    values                     meaning\n"
          "kind   one of rotated, permuted,  how tasks come about: by\n"
          "       split, sequence            turns\n"
          "tasks  2 to 100                   how many\n");
}
