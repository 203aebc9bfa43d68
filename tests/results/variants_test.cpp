// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"

#include "one_run.hpp"

using namespace mneme::results;
using test::digest;
using test::domain_block;
using test::file_of;
using test::Folder;
using test::one_run;

TEST_CASE("two builds of a plugin are two methods, by version or else by digest") {
    Block old = domain_block({"ewc"}, {1}), current = domain_block({"ewc"}, {2});
    old.provenance["ewc"]["plugin_version"] = "1.0";
    current.provenance["ewc"]["plugin_version"] = "1.1";
    current.provenance["ewc"]["plugin_sha256"] = digest('9');
    const auto merged = [](const Block& a, const Block& b) {
        return merge({file_of({a}), file_of({b})}, {"runs", "runs"}).blocks[0];
    };
    const Block block = merged(old, current);
    CHECK(block.methods == std::vector<std::string>{"ewc@1.0", "ewc@1.1"});
    CHECK(block.outcome.data == std::vector<std::int32_t>{0, 5, 5, 0});
    CHECK(block.provenance.at("ewc@1.1").at("plugin_sha256") == digest('9'));
    old.provenance["ewc"]["plugin_version"] = "1.1";
    old.provenance["ewc"]["plugin_sha256"] = digest('7');
    CHECK(merged(old, current).methods == std::vector<std::string>{"ewc@77777777", "ewc@99999999"});
    old.provenance["ewc"].erase("plugin_sha256"); // it does not say: the builds may be one
    CHECK(merged(old, current).methods == std::vector<std::string>{"ewc"});
    Folder folder;
    write(folder / "r.h5", {"", "", {block}});
    CHECK(validate(folder / "r.h5") == std::vector<std::string>{});
}

TEST_CASE("another method of the same label is called label@file, all its seeds together") {
    const Block mine = domain_block({"ewc"}, {1, 2});
    Block theirs = mine;
    theirs.provenance["ewc"]["options_toml"] = "lambda = 7";
    theirs.n_correct.data[0] -= 1;
    std::vector<File> files{file_of({mine}), file_of({one_run(theirs, 0, 1)}),
                            file_of({one_run(theirs, 0, 0)})};
    const Block block =
        merge(files, {"mine/results.h5", "theirs/results.h5", "theirs/results.h5"}).blocks[0];
    REQUIRE(block.methods ==
            std::vector<std::string>{
                "ewc", "ewc@theirs.results"}); // the parent, for both files are "results"
    CHECK(block.outcome.data == std::vector<std::int32_t>{0, 0, 0, 0});
    CHECK(block.n_correct.at({1, 0, 0, 0}) == mine.n_correct.at({0, 0, 0, 0}) - 1);
    CHECK(block.run_host.data == std::vector<std::string>{"node1", "node2", "node1", "node2"});
    CHECK(block.provenance.at("ewc@theirs.results").at("options_toml") == "lambda = 7");
    CHECK(block.provenance.at("ewc").at("options_toml") == "options_toml of ewc");
}

TEST_CASE("training on another kind of device is another method; another card is not") {
    Block cpu = domain_block({"er"}, {1}), a = domain_block({"er"}, {2}),
          b = domain_block({"er"}, {3});
    a.data_digest.data = {digest('5'), digest('6'), digest('7')};
    b.data_digest.data = {digest('8'), digest('9'), digest('a')};
    a.provenance["er"]["device"] = "cuda (card A)";
    b.provenance["er"]["device"] = "cuda:1";
    const Block block =
        merge({file_of({cpu}), file_of({a}), file_of({b})}, {"cpu.h5", "a.h5", "b.h5"}).blocks[0];
    CHECK(block.methods == std::vector<std::string>{"er", "er@a"});
    CHECK(block.outcome.data == std::vector<std::int32_t>{0, 5, 5, 5, 0, 0});
}

TEST_CASE("training in another precision is another method") {
    const Block mine = domain_block({"er"}, {1});
    Block theirs = domain_block({"er"}, {2});
    theirs.provenance["er"]["precision"] = "tf32";
    theirs.data_digest.data = {digest('5'), digest('6'), digest('7')};
    const auto merged = [&](const std::string& precision) {
        Block block = mine;
        block.provenance["er"]["precision"] = precision;
        return merge({file_of({block}), file_of({theirs})}, {"a.h5", "b.h5"}).blocks[0].methods;
    };
    CHECK(merged("fp32") == std::vector<std::string>{"er", "er@b"});
    CHECK(merged("tf32") == std::vector<std::string>{"er"});
    CHECK(merged("") == std::vector<std::string>{"er"}); // it does not say
}
