// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"

#include <cmath>

#include "one_run.hpp"

using namespace mneme::results;
using test::digest;
using test::domain_block;
using test::file_of;
using test::Folder;
using test::one_run;

namespace {

std::string merged_fails(const std::vector<Block>& blocks) {
    std::vector<File> files;
    std::vector<std::string> sources;
    for (const Block& block : blocks) {
        files.push_back(file_of({block}));
        sources.push_back(std::string(1, static_cast<char>('a' + sources.size())) + ".h5");
    }
    try {
        merge(files, sources);
    } catch (const std::runtime_error& e) {
        return e.what();
    }
    return "merged";
}

} // namespace

TEST_CASE("single runs put together are the run of all, to the last byte of every array") {
    const Block whole = domain_block({"finetune", "ewc"}, {1, 2, 3});
    std::vector<File> files;
    std::vector<std::string> sources;
    for (std::size_t m = 0; m < 2; ++m)
        for (std::size_t n : {2u, 0u, 1u}) { // whatever order they ended in
            files.push_back(file_of({one_run(whole, m, n)}));
            sources.push_back("runs/" + std::to_string(m) + std::to_string(n) + ".h5");
        }
    const File merged = merge(files, sources);
    REQUIRE(merged.blocks.size() == 1);
    const Block& block = merged.blocks[0];
    CHECK(block.methods == whole.methods);
    CHECK(block.seeds == whole.seeds);
    CHECK(block.n_correct.data == whole.n_correct.data);
    CHECK(block.initial_correct.data == whole.initial_correct.data);
    CHECK(block.n_evaluated.data == whole.n_evaluated.data);
    CHECK(block.loss.data == whole.loss.data);
    CHECK(block.confusion.data == whole.confusion.data);
    CHECK(block.train_loss.data == whole.train_loss.data);
    CHECK(block.kept_bytes.data == whole.kept_bytes.data);
    CHECK(block.outcome.data == whole.outcome.data);
    CHECK(block.data_digest.data == whole.data_digest.data);
    CHECK(block.task_of_point.data == whole.task_of_point.data);
    CHECK(block.weights.empty());
    CHECK(block.provenance == whole.provenance);
    CHECK(merged.title == "a sample");
    CHECK(merged.created_utc.empty()); // a new file, a new time
    Folder folder;
    write(folder / "r.h5", merged);
    CHECK(validate(folder / "r.h5") == std::vector<std::string>{});
}

TEST_CASE("what no file holds is missing") {
    const Block whole = domain_block({"finetune", "ewc"}, {1, 2});
    const File merged =
        merge({file_of({one_run(whole, 0, 0)}), file_of({one_run(whole, 1, 1)})}, {"a.h5", "b.h5"});
    const Block& block = merged.blocks[0];
    CHECK(block.outcome.data == std::vector<std::int32_t>{0, 5, 5, 0});
    CHECK(block.n_correct.at({0, 1, 2, 2}) == -1);
    CHECK(block.n_correct.at({1, 1, 2, 2}) == whole.n_correct.at({1, 1, 2, 2}));
    CHECK(std::isnan(block.loss.at({1, 0, 0, 0})));
    Folder folder;
    write(folder / "r.h5", merged);
    CHECK(validate(folder / "r.h5") == std::vector<std::string>{});
}

TEST_CASE("a run found where it was missing before fills the place") {
    const Block whole = domain_block({"finetune"}, {1, 2});
    Block first = whole;
    first.outcome.data[1] = 5;
    for (std::size_t i = 9; i < 18; ++i) first.n_correct.data[i] = -1;
    first.provenance.clear(); // nobody ran seed 2 there; and it says nothing
    first.outcome.data[0] = 5;
    for (std::size_t i = 0; i < 9; ++i) first.n_correct.data[i] = -1;
    const Block block =
        merge({file_of({first}), file_of({one_run(whole, 0, 1)})}, {"a.h5", "b.h5"}).blocks[0];
    CHECK(block.methods == std::vector<std::string>{"finetune"});
    CHECK(block.outcome.data == std::vector<std::int32_t>{5, 0});
    CHECK(block.provenance.at("finetune").at("host") == "host of finetune");
}

TEST_CASE(
    "why a run is missing is kept, and a record that knows less does not make another method") {
    const Block whole = domain_block({"er"}, {1, 2, 3});
    Block missing = one_run(whole, 0, 1), failed = one_run(whole, 0, 2);
    for (Block* block : {&missing, &failed}) {
        for (auto member :
             {&Block::n_correct, &Block::initial_correct, &Block::confusion, &Block::n_evaluated})
            std::fill((block->*member).data.begin(), (block->*member).data.end(), -1);
        block->provenance["er"] = {{"plugin_id", "plugin_id of er"}};
    }
    missing.outcome.data = {5}, missing.outcome_message.data = {"not run yet"};
    failed.outcome.data = {2}, failed.outcome_message.data = {"signal 11"};
    const Block block =
        merge({file_of({missing}), file_of({failed}), file_of({one_run(whole, 0, 0)})},
              {"a.h5", "b.h5", "c.h5"})
            .blocks[0];
    CHECK(block.methods == std::vector<std::string>{"er"});
    CHECK(block.outcome.data == std::vector<std::int32_t>{0, 5, 2});
    CHECK(block.outcome_message.data == std::vector<std::string>{"", "not run yet", "signal 11"});
    CHECK(block.n_evaluated.data == whole.n_evaluated.data);
    CHECK(block.provenance.at("er") == whole.provenance.at("er")); // of the run that trained
    const Block idle = merge({file_of({missing})}, {"a.h5"}).blocks[0];
    CHECK(idle.provenance.at("er").at("plugin_id") == "plugin_id of er");
}

TEST_CASE("the same run twice is one; the host may differ") {
    const Block whole = domain_block({"finetune"}, {1});
    Block other = whole;
    other.provenance["finetune"]["host"] = "another";
    const Block block = merge({file_of({whole}), file_of({other})}, {"a.h5", "b.h5"}).blocks[0];
    CHECK(block.methods == std::vector<std::string>{"finetune"});
    CHECK(block.provenance.at("finetune").at("host") == "host of finetune"); // the first found
}

TEST_CASE("the best outcome of a seed counts, whichever file has it") {
    const Block whole = domain_block({"er"}, {1});
    const auto with = [&](Outcome outcome, std::int32_t correct) {
        Block block = whole;
        block.outcome.data = {static_cast<std::int32_t>(outcome)};
        block.outcome_message.data = {name(outcome)};
        block.n_correct.data[0] = correct;
        return block;
    };
    const Block complete = with(Outcome::complete, 5), diverged = with(Outcome::diverged, 6),
                failed = with(Outcome::failed, 7), timeout = with(Outcome::timeout, 8),
                refused = with(Outcome::refused, 9);
    Block missing = with(Outcome::missing, -1);
    const Block* in_order[] = {&missing, &failed, &diverged, &complete};
    for (std::size_t better = 1; better < 4; ++better)
        for (std::size_t worse = 0; worse < better; ++worse)
            for (bool better_first : {true, false}) {
                const Block &a = *in_order[better], &b = *in_order[worse];
                const Block block =
                    merge({file_of({better_first ? a : b}), file_of({better_first ? b : a})},
                          {"a.h5", "b.h5"})
                        .blocks[0];
                CHECK(block.methods == std::vector<std::string>{"er"});
                CHECK(block.outcome.data == a.outcome.data);
                CHECK(block.n_correct.data[0] == a.n_correct.data[0]);
            }
    for (const Block* other : {&timeout, &refused}) // as bad as a failure: the first found
        CHECK(merge({file_of({failed}), file_of({*other})}, {"a.h5", "b.h5"})
                  .blocks[0]
                  .n_correct.data[0] == 7);
}

TEST_CASE("class maps must agree; what methods report about themselves is put side by side") {
    Block a = test::class_block(), b = test::class_block();
    b.methods = {"x", "y"};
    b.provenance = {{"x", a.provenance["er"]}, {"y", a.provenance["si"]}};
    b.diagnostics.erase("violations");
    b.diagnostics["radius"].units = "nat";
    b.diagnostics["radius"].values.data[0] = 7;
    const Block block = merge({file_of({a}), file_of({b})}, {"a.h5", "b.h5"}).blocks[0];
    CHECK(block.class_map.at({0, 0}) == a.class_map.at({1, 0})); // seed 3 was the second there
    CHECK(block.diagnostics.at("violations").values.at({0, 1, 0}) == 0.25);
    CHECK(std::isnan(block.diagnostics.at("violations").values.at({2, 1, 0})));
    CHECK(block.diagnostics.at("radius").values.at({1, 0, 0}) == 1.5);
    CHECK(block.diagnostics.at("radius@x").values.at({2, 1, 0}) == 7); // in another unit
    CHECK(block.diagnostics.at("radius@x").units == "nat");
    Folder folder;
    write(folder / "r.h5", {"", "", {block}});
    CHECK(validate(folder / "r.h5") == std::vector<std::string>{});
    b.class_map.at({0, 0}) = 3;
    CHECK(merged_fails({a, b}) ==
          "b.h5: benchmark 'split-mini-class': its class_map of seed 7 differs from that in a.h5; "
          "only runs over equal data can be compared");
}

TEST_CASE("a run that ended alike with other counts is refused, and both files are named") {
    const Block mine = domain_block({"er"}, {1});
    Block theirs = mine;
    theirs.n_correct.data[3] += 1;
    CHECK(merged_fails({mine, theirs}) ==
          "b.h5: benchmark 'rotated-mini': method 'er', seed 1 is complete with other counts than "
          "in a.h5; one method and seed has one result, remove one of the two files or collect "
          "them apart");
    CHECK(merged_fails({mine, mine, mine}) == "merged");
}

TEST_CASE("an imported run with other accuracies is refused, one with equal ones is not") {
    Block mine = domain_block({"er"}, {1});
    mine.reported_accuracy = {mine.n_correct.shape, 0.5};
    mine.reported_accuracy.data[1] = std::nan("");
    Block theirs = mine;
    CHECK(merged_fails({mine, theirs}) == "merged");
    theirs.reported_accuracy.data[2] = 0.25;
    CHECK(merged_fails({mine, theirs}).find("is complete with other counts than in a.h5") !=
          std::string::npos);
}

TEST_CASE("what cannot be compared is not merged, and the sentence names both files") {
    const Block a = domain_block({"er"}, {1});
    Block b = domain_block({"si"}, {1});
    CHECK(merged_fails({a, b}) == "merged");
    b.digest = digest('f');
    CHECK(merged_fails({a, b}) ==
          "b.h5: benchmark 'rotated-mini': its digest " + digest('f') + " differs from " +
              digest('a') +
              " in a.h5; two benchmarks of one name cannot be merged, collect them apart");
    b = domain_block({"si"}, {1});
    b.evaluated_on = "validation";
    CHECK(merged_fails({a, b}) ==
          "b.h5: benchmark 'rotated-mini': it is evaluated on validation, that of a.h5 on test; "
          "collect them apart");
    b = domain_block({"si"}, {1});
    b.data_digest.data[1] = digest('e');
    CHECK(merged_fails({a, b}) ==
          "b.h5: benchmark 'rotated-mini': data_digest of task '02 rotation 36', seed 1 is " +
              digest('e') + ", in a.h5 it is " + digest('1') +
              "; only runs over equal data can be compared");
    b = domain_block({"si"}, {2}); // no seed in common: the data may differ
    b.data_digest.data[1] = digest('e');
    CHECK(merged_fails({a, b}) == "merged");
    b.n_evaluated.data[2] = 500;
    for (std::size_t t = 0; t < 3; ++t) b.n_correct.at({0, 0, t, 2}) = 0;
    CHECK(merged_fails({a, b}) ==
          "b.h5: benchmark 'rotated-mini': n_evaluated of task '03 Drehung 72°' is 500, in a.h5 it "
          "is 1009; "
          "only runs over equal data can be compared");
    b = domain_block({"si"}, {1});
    b.tasks[0] = "first";
    CHECK(
        merged_fails({a, b}) ==
        "b.h5: benchmark 'rotated-mini': its tasks differ from those in a.h5; collect them apart");
    b = domain_block({"si"}, {1});
    b.train_loss = {{1, 1, 3}, 0.0}, b.task_of_point = {{3}, 1};
    CHECK(merged_fails({a, b}) ==
          "b.h5: benchmark 'rotated-mini': it has 3 curve points, that of a.h5 has 6; collect them "
          "apart");
    b = domain_block({"si"}, {1});
    b.confusion = {{1, 1, 3, 5, 5}, -1};
    CHECK(
        merged_fails({a, b}) ==
        "b.h5: benchmark 'rotated-mini': it has 5 classes, that of a.h5 has 4; collect them apart");
    CHECK_THROWS_WITH(merge({}, {}),
                      "merge: 0 files with 0 names; expected at least one, each with its name");
}

TEST_CASE("the looks of a merge are those of the part that planned most of them") {
    Block a = domain_block({"er"}, {1}), b = domain_block({"si"}, {1}),
          c = domain_block({"ewc"}, {1});
    b.looks = {5, 10, 20}, c.looks = {5, 10};
    CHECK(merge({file_of({a}), file_of({b}), file_of({c})}, {"a", "b", "c"}).blocks[0].looks ==
          std::vector<std::int32_t>{5, 10, 20});
    CHECK(merge({file_of({a})}, {"a"}).blocks[0].looks.empty());
}

TEST_CASE("weights and evaluations within tasks are carried over, each run's to its place") {
    const auto run_of = [](const std::string& label, std::size_t evaluations, float weight) {
        Block block = test::domain_block({label}, {1});
        block.network_layers = "[1]";
        block.weights = {{1, 1, 3, 2}, weight};
        block.continual_step = {{1, 1, 3, evaluations}, 5};
        block.continual_correct = {{1, 1, 3, evaluations, 3}, static_cast<std::int32_t>(weight)};
        block.continual_evaluated = {{3}, 9};
        return block;
    };
    const Block few = run_of("few", 2, 4), many = run_of("many", 3, 7);
    const Block both =
        merge({test::file_of({few}), test::file_of({many})}, {"a.h5", "b.h5"}).blocks[0];
    CHECK(both.network_layers == "[1]");
    CHECK(both.weights.shape == std::vector<std::size_t>{2, 1, 3, 2});
    CHECK(both.weights.at({0, 0, 2, 1}) == 4);
    CHECK(both.weights.at({1, 0, 0, 0}) == 7);
    CHECK(both.continual_correct.shape == std::vector<std::size_t>{2, 1, 3, 3, 3});
    for (std::size_t t = 0; t < 3; ++t)
        for (std::size_t k = 0; k < 3; ++k) {
            CHECK(both.continual_step.at({0, 0, t, k}) == (k < 2 ? 5 : -1));
            CHECK(both.continual_correct.at({0, 0, t, k, 2}) == (k < 2 ? 4 : -1));
            CHECK(both.continual_correct.at({1, 0, t, k, 0}) == 7);
        }
    Block other = many;
    other.network_layers = "[2]";
    CHECK_THROWS_WITH(merge({test::file_of({few}), test::file_of({other})}, {"a.h5", "b.h5"}),
                      "b.h5: benchmark 'rotated-mini': it holds weights of another network than "
                      "a.h5; collect them apart");
    other = many;
    other.evaluate = "seen";
    CHECK_THROWS_WITH(merge({test::file_of({few}), test::file_of({other})}, {"a.h5", "b.h5"}),
                      "b.h5: benchmark 'rotated-mini': it evaluates seen tasks, that of a.h5 all; "
                      "collect them apart");
}
