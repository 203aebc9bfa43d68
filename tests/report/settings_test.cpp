// SPDX-License-Identifier: Apache-2.0
#include <report/settings.hpp>

#include <catch.hpp>
#include <sample.hpp>

using namespace mneme;
using namespace mneme::report;

namespace {

results::Block grid_block() {
    results::Block block = results::test::domain_block({"er[m=1]", "er[m=2]", "other"}, {1});
    const auto set = [&](const char* method, const char* plugin, const char* options,
                         const char* train) {
        block.provenance[method]["plugin_id"] = plugin;
        block.provenance[method]["options_toml"] = options;
        block.provenance[method]["train_toml"] = train;
    };
    set("er[m=1]", "er", "m = 1\npolicy = \"a <b>\"\n", "lr = 0.1\n");
    set("er[m=2]", "er", "m = 2\npolicy = \"a <b>\"\n", "lr = 0.1\n");
    set("other", "other", "z = 9\n", "lr = 0.5\n");
    return block;
}

} // namespace

TEST_CASE("settings are read from the file's text, strings without their quotes") {
    const Settings settings = settings_of(grid_block(), "er[m=1]");
    CHECK(settings == Settings{{"m", "1"}, {"policy", "a <b>"}, {"train.lr", "0.1"}});
}

TEST_CASE("grid keys: what methods of one plugin differ in, not what plugins differ in") {
    CHECK(grid_keys({"", "", {grid_block()}}) == std::vector<std::string>{"m"});
}

TEST_CASE("differences are marked") {
    const std::string html = settings_section(grid_block()).str();
    CHECK(html.find("<mark>m = 1</mark>") != std::string::npos);
    CHECK(html.find("<mark>0.5</mark>") != std::string::npos);
    CHECK(html.find("<span>policy = a &lt;b&gt;</span>") != std::string::npos);
    CHECK(html.find("<mark>0.1</mark>") == std::string::npos);
}
