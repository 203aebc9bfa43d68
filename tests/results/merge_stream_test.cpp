// SPDX-License-Identifier: Apache-2.0
// A merge that is written run by run is the merge in memory.
#include "catch.hpp"

#include <fstream>
#include <iterator>

#include <results/merge.hpp>

#include "one_run.hpp"

using namespace mneme::results;
using test::domain_block;
using test::file_of;
using test::Folder;
using test::inside_block;

namespace {

std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

// Equal contents make equal files, to the last byte.
std::string bytes_of(const Folder& folder, File file) {
    file.created_utc = "2026-01-31T12:00:00Z";
    write(folder / "again.h5", file);
    return bytes_of(folder / "again.h5");
}

// Of a run 4.8 MB of losses: a few runs are more than is written at once.
void lengthen(Block& block) {
    constexpr std::size_t points = 600000;
    block.task_of_point = {{points}, 3};
    block.train_loss = {{block.methods.size(), block.seeds.size(), points}, 0.0};
    for (std::size_t i = 0; i < block.train_loss.data.size(); i += 1000)
        block.train_loss.data[i] = double(i);
}

void require_same(const std::vector<Block>& blocks, std::size_t runs) {
    const Folder folder;
    std::vector<File> files;
    std::vector<std::string> sources;
    Merge stream(folder / "stream.h5");
    for (const Block& block : blocks) {
        files.push_back(file_of({block}));
        sources.push_back(std::string(1, static_cast<char>('a' + sources.size())) + ".h5");
        stream.add(files.back(), sources.back());
    }
    const Merge::Written written = stream.write();
    const File whole = merge(files, sources), streamed = read(folder / "stream.h5");
    CHECK(validate(folder / "stream.h5") == std::vector<std::string>{}); // formulas, bit for bit
    CHECK(streamed.title == whole.title);
    CHECK(bytes_of(folder, streamed) == bytes_of(folder, whole));
    CHECK(written.runs == runs);
    CHECK(written.benchmarks == whole.blocks.size());
    CHECK(written.notes == whole.notes);
    std::size_t left = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
        left += entry.path().extension() != ".h5";
    CHECK(left == 0);
}

// Two methods under five seeds, and another, that others are measured against, under two.
std::vector<Block> three_methods() {
    Block first = domain_block({"finetune", "ewc"}, {1, 2, 3, 4, 5});
    Block second = domain_block({"joint"}, {4, 2});
    second.provenance["joint"]["plugin_id"] = "joint";
    const auto digest = [](Block& block, std::size_t n) {
        return block.data_digest.data.begin() + static_cast<std::ptrdiff_t>(n * 3);
    };
    std::copy_n(digest(first, 3), 3, digest(second, 0));
    std::copy_n(digest(first, 1), 3, digest(second, 1));
    return {first, second};
}

} // namespace

TEST_CASE("runs that are written at once are the merge in memory") {
    require_same(three_methods(), 12);
    require_same({inside_block()}, inside_block().outcome.data.size());
}

TEST_CASE("runs that are written a few at a time are the merge in memory") {
    std::vector<Block> blocks = three_methods();
    for (Block& block : blocks) lengthen(block);
    require_same(blocks, 12);
}

TEST_CASE("methods that are written one after another are the merge in memory") {
    std::vector<Block> blocks = {domain_block({"finetune", "ewc", "er"}, {1})};
    lengthen(blocks[0]);
    blocks[0].train_loss.data[17] = 0.25;
    require_same(blocks, 3);
}

TEST_CASE("labels, units and benchmarks that differ stand apart in a stream, too") {
    Block first = domain_block({"er"}, {1, 2}), second = first, limited = first;
    first.diagnostics["size"] = {"byte", "of the memory", {{1, 2, 3}, 5.0}};
    second.provenance["er"]["options_toml"] = "memory = 7";
    second.diagnostics["size"] = {"1", "of the memory", {{1, 2, 3}, 7.0}};
    limited.limit_train = limited.limit_test = 10;
    require_same({first, second, limited}, 6);
}

TEST_CASE("what does not agree writes nothing") {
    const Folder folder;
    Block block = domain_block({"er"}, {1}), other = block;
    other.n_correct.data[0] += 1;
    Merge stream(folder / "r.h5");
    stream.add(file_of({block}), "a.h5");
    stream.add(file_of({other}), "b.h5");
    CHECK_THROWS_WITH(stream.write(),
                      Catch::Matchers::ContainsSubstring("one method and seed has one result"));
    CHECK_FALSE(std::filesystem::exists(folder / "r.h5"));
    CHECK_THROWS_WITH(Merge(folder / "nowhere/r.h5"),
                      Catch::Matchers::ContainsSubstring("there is no folder"));
    Merge empty(folder / "r.h5");
    CHECK_THROWS_WITH(empty.write(), Catch::Matchers::ContainsSubstring("holds no benchmark"));
}

TEST_CASE("the requests of a file are those of the runs that are there") {
    const Folder folder;
    Block block = domain_block({"er"}, {1, 2, 3});
    block.outcome.data[1] = static_cast<std::int32_t>(Outcome::missing);
    write(folder / "r.h5", file_of({block}));
    CHECK(requests_in(folder / "r.h5") ==
          std::set<std::string>{block.request_digest.data[0], block.request_digest.data[2]});
}
