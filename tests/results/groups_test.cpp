// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"

#include <cmath>

#include "sample.hpp"

using namespace mneme::results;
using test::digest;
using test::domain_block;
using test::file_of;
using test::Folder;

TEST_CASE("examples limited in two ways are two benchmarks, and come apart again") {
    Block small = domain_block({"er"}, {1}), large = domain_block({"er"}, {1});
    small.limit_train = small.limit_test = 200;
    large.limit_train = 2000, large.limit_test = 1000;
    large.n_evaluated.data = {1000, 1000, 1009};
    large.data_digest.data[0] = digest('e');
    const File merged = merge({file_of({small}), file_of({large})}, {"a.h5", "b.h5"});
    REQUIRE(merged.blocks.size() == 2);
    CHECK(merged.blocks[0].benchmark == "rotated-mini@limit-200");
    CHECK(merged.blocks[1].benchmark == "rotated-mini@limit-2000-test-1000");
    CHECK(merged.notes ==
          std::vector<std::string>{
              "a.h5: benchmark 'rotated-mini' with limit-200 is kept apart as "
              "'rotated-mini@limit-200'; runs over different numbers of examples cannot be "
              "compared",
              "b.h5: benchmark 'rotated-mini' with limit-2000-test-1000 is kept apart as "
              "'rotated-mini@limit-2000-test-1000'; runs over different numbers of examples "
              "cannot be compared"});
    const File again = merge({merged, file_of({small})}, {"both.h5", "a.h5"});
    REQUIRE(again.blocks.size() == 2);
    CHECK(again.blocks[0].n_correct.data == small.n_correct.data);
    CHECK(merge({file_of({small})}, {"a.h5"}).blocks[0].benchmark == "rotated-mini");
}

TEST_CASE("several benchmarks stay apart, and weights of several sizes fit") {
    Block small = test::class_block(), large = test::class_block();
    large.methods = {"er+", "si+"};
    large.provenance = {{"er+", small.provenance["er"]}, {"si+", small.provenance["si"]}};
    large.weights = {{2, 2, 2, 5003}, 2.5F};
    const File merged =
        merge({file_of({domain_block(), small}), file_of({large})}, {"a.h5", "b.h5"});
    REQUIRE(merged.blocks.size() == 2);
    CHECK(merged.blocks[0].benchmark == "rotated-mini");
    const Block& block = merged.blocks[1];
    CHECK(block.seeds == std::vector<std::int32_t>{3, 7}); // ascending
    CHECK(block.weights.shape == std::vector<std::size_t>{4, 2, 2, 5003});
    CHECK(block.weights.at({0, 1, 1, 4999}) ==
          small.weights.at({0, 0, 1, 4999})); // seed 7 was the first there
    CHECK(std::isnan(block.weights.at({0, 1, 1, 5000})));
    CHECK(block.weights.at({2, 1, 1, 5002}) == 2.5F);
    CHECK(block.n_correct_task_aware.at({0, 1, 0, 0}) == 211);
    CHECK(block.outcome_message.at({1, 1}) == small.outcome_message.at({1, 0}));
    Folder folder;
    write(folder / "r.h5", merged);
    CHECK(validate(folder / "r.h5") == std::vector<std::string>{});
}
