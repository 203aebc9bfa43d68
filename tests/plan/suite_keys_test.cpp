// SPDX-License-Identifier: Apache-2.0
// docs/suites.md: every key of the table is on the page, and each of its examples is a suite that
// is read.
#include "catch.hpp"
#include "support.hpp"

#include <iterator>
#include <set>

#include "plan/suite_keys.hpp"

using namespace mneme::harness;
using namespace plan_test;

namespace {

std::string page() {
    std::ifstream in(std::string(MNEME_SOURCE) + "/docs/suites.md");
    return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> examples(const std::string& text) {
    const std::string begin = "```toml\n", end = "```";
    std::vector<std::string> found;
    for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
        at += begin.size();
        found.push_back(text.substr(at, text.find(end, at) - at));
    }
    return found;
}

} // namespace

TEST_CASE("suite keys: each is on the page, in the table and in an example") {
    const std::string text = page();
    std::string together;
    for (const auto& example : examples(text)) together += example;
    std::set<std::string> seen;
    for (const SuiteKey& key : suite_keys()) {
        CHECK(seen.insert(key.table + "." + key.name).second);
        CHECK(!key.help.empty());
        // A bracket is escaped in Markdown.
        const std::string cell = key.name == "{ grid = [...] }" ? "{ grid = \\[...] }" : key.name;
        CHECK(text.find(" | " + cell) != std::string::npos);
        const std::string name = key.name == "OPTION"             ? "memory"
                                 : key.name == "{ grid = [...] }" ? "{ grid = ["
                                                                  : key.name;
        CHECK(together.find(name) != std::string::npos);
    }
}

TEST_CASE("suite keys: every example of the page is read") {
    const Folder folder;
    Overrides over;
    over.benchmark_folders = {std::string(MNEME_SOURCE) + "/benchmarks/standard"};
    std::string validated = tiny;
    validated.insert(validated.find("[network]"), "validation = 0.1\n");
    folder.write("synthetic-3-class-validated.toml", validated);
    int count = 0;
    for (const auto& example : examples(page())) {
        INFO(example);
        const Suite suite = load_suite(folder.write("s.toml", example), over);
        CHECK(!suite.benchmarks.empty());
        CHECK(!suite.methods.empty());
        ++count;
    }
    CHECK(count >= 6);
}
