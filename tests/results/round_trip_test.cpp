// SPDX-License-Identifier: Apache-2.0
#include <numeric>

#include "catch.hpp"

#include <cmath>
#include <fstream>
#include <iterator>
#include <system_error>

#include "sample.hpp"

using namespace mneme::results;
using test::Folder;

namespace {

template <class T> void same(const char* what, const Array<T>& a, const Array<T>& b) {
    INFO(what);
    CHECK(a.shape == b.shape);
    REQUIRE(a.data.size() == b.data.size());
    std::size_t differ = 0;
    for (std::size_t i = 0; i < a.data.size(); ++i)
        if constexpr (std::is_floating_point_v<T>)
            differ += !(a.data[i] == b.data[i] || (std::isnan(a.data[i]) && std::isnan(b.data[i])));
        else differ += a.data[i] != b.data[i];
    CHECK(differ == 0);
}

void same(const Block& a, const Block& b) {
    INFO(a.benchmark);
    CHECK(a.benchmark == b.benchmark);
    CHECK(a.version == b.version);
    CHECK(a.digest == b.digest);
    CHECK(a.toml == b.toml);
    CHECK(a.scenario == b.scenario);
    CHECK(a.evaluated_on == b.evaluated_on);
    CHECK(a.evaluate == b.evaluate);
    CHECK(a.network_layers == b.network_layers);
    CHECK(a.chance_accuracy == b.chance_accuracy);
    CHECK(a.methods == b.methods);
    CHECK(a.seeds == b.seeds);
    CHECK(a.tasks == b.tasks);
    same("n_correct", a.n_correct, b.n_correct);
    same("n_correct_task_aware", a.n_correct_task_aware, b.n_correct_task_aware);
    same("n_evaluated", a.n_evaluated, b.n_evaluated);
    same("initial_correct", a.initial_correct, b.initial_correct);
    same("loss", a.loss, b.loss);
    same("confusion", a.confusion, b.confusion);
    same("outcome", a.outcome, b.outcome);
    for (auto member : {&Block::train_seconds, &Block::evaluate_seconds, &Block::end_task_seconds})
        same("seconds", a.*member, b.*member);
    same("shared_by_replicas", a.shared_by_replicas, b.shared_by_replicas);
    for (auto member : {&Block::train_samples, &Block::optimizer_steps, &Block::kept_bytes,
                        &Block::peak_rss_bytes, &Block::peak_device_bytes})
        same("cost", a.*member, b.*member);
    same("task_of_point", a.task_of_point, b.task_of_point);
    same("train_loss", a.train_loss, b.train_loss);
    same("data_digest", a.data_digest, b.data_digest);
    same("weights", a.weights, b.weights);
    same("weight_statistics", a.weight_statistics, b.weight_statistics);
    same("continual_step", a.continual_step, b.continual_step);
    same("continual_correct", a.continual_correct, b.continual_correct);
    same("continual_evaluated", a.continual_evaluated, b.continual_evaluated);
    same("calibration_count", a.calibration_count, b.calibration_count);
    same("calibration_correct", a.calibration_correct, b.calibration_correct);
    same("calibration_confidence", a.calibration_confidence, b.calibration_confidence);
    same("predictions", a.predictions, b.predictions);
    same("labels", a.labels, b.labels);
    for (auto member :
         {&Block::geometry_pair_from, &Block::geometry_pair_to, &Block::geometry_evaluated,
          &Block::geometry_correct, &Block::geometry_matched_correct, &Block::geometry_pair_seed,
          &Block::geometry_l2_correct, &Block::geometry_mid_correct, &Block::geometry_plane_first,
          &Block::geometry_plane_second, &Block::geometry_plane_third,
          &Block::geometry_plane_correct})
        same("geometry", a.*member, b.*member);
    for (auto member :
         {&Block::geometry_position, &Block::geometry_loss, &Block::geometry_matched_loss,
          &Block::geometry_distance, &Block::geometry_matched_distance, &Block::geometry_cosine,
          &Block::geometry_cka, &Block::geometry_l2_loss, &Block::geometry_l2_distance,
          &Block::geometry_mid_loss, &Block::geometry_mid_distance, &Block::geometry_plane_position,
          &Block::geometry_plane_loss})
        same("geometry", a.*member, b.*member);
    same("class_map", a.class_map, b.class_map);
    same("reported_accuracy", a.reported_accuracy, b.reported_accuracy);
    for (auto member :
         {&Block::request_digest, &Block::run_host, &Block::run_device, &Block::job_id})
        same("of each run", a.*member, b.*member);
    same("restart_count", a.restart_count, b.restart_count);
    CHECK(a.limit_train == b.limit_train);
    CHECK(a.limit_test == b.limit_test);
    CHECK(a.looks == b.looks);
    REQUIRE(a.diagnostics.size() == b.diagnostics.size());
    for (const auto& [name, diagnostic] : a.diagnostics) {
        const Diagnostic& other = b.diagnostics.at(name);
        CHECK((diagnostic.units.empty() ? "1" : diagnostic.units) == other.units);
        CHECK(diagnostic.help == other.help);
        same(name.c_str(), diagnostic.values, other.values);
    }
    CHECK(a.provenance == b.provenance);
}

std::string bytes(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

TEST_CASE("what is written is read back, and is valid") {
    Folder folder;
    const File file =
        test::file_of({test::domain_block(), test::class_block(), test::inside_block()});
    write(folder / "r.h5", file);
    CHECK(folder.names() == std::vector<std::string>{"r.h5"}); // no temporary file
    CHECK(validate(folder / "r.h5") == std::vector<std::string>{});
    const File again = read(folder / "r.h5");
    CHECK(again.title == file.title);
    CHECK(again.created_utc == file.created_utc);
    REQUIRE(again.blocks.size() == 3);
    same(file.blocks[0], again.blocks[0]);
    same(file.blocks[2], again.blocks[2]);
    Block wanted = file.blocks[1];
    std::string& message = wanted.outcome_message.data[2];
    REQUIRE(message.back() == '\xFF');
    message.replace(message.size() - 1, 1, "\xEF\xBF\xBD"); // what is not UTF-8 was replaced
    same(wanted, again.blocks[1]);
}

TEST_CASE("equal results are equal bytes") {
    Folder folder;
    const File file = test::file_of({test::domain_block(), test::class_block()});
    write(folder / "a.h5", file);
    write(folder / "b.h5", file);
    write(folder / "c.h5", read(folder / "a.h5"));
    CHECK(bytes(folder / "a.h5").size() > 50000);
    CHECK(bytes(folder / "a.h5") == bytes(folder / "b.h5"));
    CHECK(bytes(folder / "a.h5") == bytes(folder / "c.h5"));
}

TEST_CASE("an existing file is replaced whole, and kept where writing fails") {
    Folder folder;
    write(folder / "r.h5", test::file_of({test::domain_block()}));
    const std::string before = bytes(folder / "r.h5");
    Block bad = test::domain_block();
    bad.loss.shape = {1};
    CHECK_THROWS_WITH(
        write(folder / "r.h5", test::file_of({bad})),
        (folder / "r.h5").string() +
            ": benchmark 'rotated-mini': loss has shape [1] and 36 values; expected [2,2,3,3]");
    CHECK(bytes(folder / "r.h5") == before);
    write(folder / "r.h5", test::file_of({test::class_block()}));
    CHECK(read(folder / "r.h5").blocks[0].benchmark == "split-mini-class");
    CHECK(folder.names().size() == 1);
}

TEST_CASE("arrays that nobody recorded are left out, and empty on reading") {
    Folder folder;
    Block block = Block::blank({"m"}, {4}, {"a", "b"}, 0, 0);
    block.benchmark = "bare", block.digest = test::digest('c'), block.scenario = "task";
    block.loss = {};
    write(folder / "r.h5", test::file_of({block}));
    CHECK(validate(folder / "r.h5") == std::vector<std::string>{});
    const Block again = read(folder / "r.h5").blocks[0];
    CHECK(again.loss.empty());
    CHECK(again.confusion.empty());
    CHECK(again.task_of_point.empty());
    CHECK(again.weights.empty());
    CHECK(again.outcome.at({0, 0}) == static_cast<std::int32_t>(Outcome::missing));
    same(block, again);
}

TEST_CASE("accuracies of another program are read back, and give the metrics") {
    Folder folder;
    Block block = Block::blank({"ewc"}, {1}, {"a", "b"}, 0, 0);
    block.benchmark = "theirs", block.scenario = "class";
    block.provenance["ewc"]["origin"] = "imported";
    block.reported_accuracy = {{1, 1, 2, 2}, 0.5};
    block.reported_accuracy.data = {0.5, 0.25, 0.75, 1};
    block.outcome.data = {0};
    write(folder / "r.h5", test::file_of({block}));
    CHECK(validate(folder / "r.h5") == std::vector<std::string>{});
    const Block again = read(folder / "r.h5").blocks[0];
    same(block, again);
    CHECK(is_imported(again, 0));
    CHECK(accuracy(again).data == std::vector<double>{0.5, 0.25, 0.75, 1});
    CHECK_FALSE(is_imported(test::domain_block(), 0));
    block.provenance["ewc"]["origin"] = "mneme";
    block.digest = test::digest('a');
    write(folder / "r.h5", test::file_of({block}));
    CHECK(validate(folder / "r.h5").at(0) ==
          (folder / "r.h5").string() +
              ": /theirs/n_correct_task_aware: is not there; scenario class needs it");
}

TEST_CASE("the file of a run says which request it answers") {
    Block run = test::domain_block({"er"}, {3});
    run.request_digest.data = {test::digest('a')};
    CHECK(request_mismatch(run, test::digest('a'), 3).empty());
    CHECK(request_mismatch(run, test::digest('b'), 3) ==
          "it answers the request aaaaaaaaaaaa, not bbbbbbbbbbbb");
    CHECK(request_mismatch(run, test::digest('a'), 4) == "it holds seed 3, not seed 4");
    CHECK(request_mismatch(test::domain_block(), test::digest('a'), 1) ==
          "it holds more than one run");
    run.request_digest = {}; // schema 1.0
    CHECK(request_mismatch(run, test::digest('b'), 3).empty());
}

TEST_CASE("a time stamp is made where none is given") {
    Folder folder;
    File file = test::file_of({test::domain_block()});
    file.created_utc.clear();
    write(folder / "r.h5", file);
    const std::string stamp = read(folder / "r.h5").created_utc;
    REQUIRE(stamp.size() == 20);
    CHECK(stamp.substr(0, 2) == "20");
    CHECK((stamp[10] == 'T' && stamp[19] == 'Z'));
}

TEST_CASE("a block that cannot be a file is refused before anything is written") {
    Folder folder;
    const auto path = folder / "r.h5";
    const std::string where = path.string() + ": benchmark";
    const auto refused = [&](Block block, const std::string& message) {
        CHECK_THROWS_WITH(write(path, test::file_of({std::move(block)})), message);
        CHECK(folder.names().empty());
    };
    Block block = test::domain_block();
    block.benchmark = "schema";
    refused(block, where + " 'schema' would hide the schema's text; give it another name");
    block.benchmark = "a/b";
    refused(block, where + " 'a/b' cannot be a name in the file; use 1 to 255 bytes without '/'");
    refused(test::domain_block({"x", "."}), where +
                                                " 'rotated-mini': method '.' cannot be a name in "
                                                "the file; use 1 to 255 bytes without '/'");
    refused(test::domain_block({"x", "x"}),
            where + " 'rotated-mini': method 'x' is there twice; each must be unique");
    refused(test::domain_block({"x"}, {3, 3}),
            where + " 'rotated-mini': seed '3' is there twice; each must be unique");
    block = test::domain_block();
    block.tasks[2] = block.tasks[0];
    refused(block,
            where + " 'rotated-mini': task '01 rotation 0' is there twice; each must be unique");
    block = test::domain_block();
    block.outcome.data[1] = 6;
    refused(block, where + " 'rotated-mini': outcome_code 6 is unknown; expected 0 to 5");
    block = test::domain_block();
    block.provenance["stranger"]["host"] = "h";
    refused(block,
            where +
                " 'rotated-mini': provenance of 'stranger', which is not a method here; give "
                "that of the methods alone");
    CHECK_THROWS_WITH(write(path, test::file_of({})),
                      path.string() + ": not written: it holds no benchmark; give at least one");
    CHECK_THROWS_WITH(write(path, test::file_of({test::domain_block(), test::domain_block()})),
                      where + " 'rotated-mini' is there twice; merge the two first");
    CHECK(folder.names().empty());
}

TEST_CASE("labels with every character that the rules allow become groups") {
    Folder folder;
    const std::vector<std::string> labels{
        "-x", "+1", "_", "a.b", "ewc[lambda=1e-05,xi=.1]", "er@colleague", std::string(64, 'L')};
    write(folder / "r.h5", test::file_of({test::domain_block(labels, {5})}));
    CHECK(validate(folder / "r.h5") == std::vector<std::string>{});
    const Block again = read(folder / "r.h5").blocks[0];
    CHECK(again.methods == labels);
    for (const std::string& label : labels)
        CHECK(again.provenance.at(label).at("host") == "host of " + label);
}

TEST_CASE("a place that cannot be written gives the errno and a sentence") {
    Folder folder;
    const File file = test::file_of({test::domain_block()});
    const auto fails = [&](const std::filesystem::path& path, std::errc code,
                           const std::string& message) {
        try {
            write(path, file);
            FAIL("was written");
        } catch (const std::system_error& e) {
            CHECK(e.code() == code);
            CHECK(e.what() == message);
        }
    };
    fails(folder / "no/r.h5", std::errc::no_such_file_or_directory,
          (folder / "no/r.h5").string() + ": not written: there is no folder " +
              (folder / "no").string() + "; make it first");
    std::filesystem::create_directory(folder / "d.h5");
    fails(folder / "d.h5", std::errc::is_a_directory,
          (folder / "d.h5").string() +
              ": not written: a folder has that name; remove it or choose another name");
    CHECK(folder.names() == std::vector<std::string>{"d.h5"}); // no temporary file
}

TEST_CASE("an index out of range is an error, not memory") {
    Array<double> array({2, 3}, 1.5);
    array.at({1, 2}) = 7;
    CHECK(array.data[5] == 7);
    CHECK_THROWS_WITH(array.at({1, 3}), "Array::at: index 3 on axis 1 of size 3");
    CHECK_THROWS_WITH(array.at({1}), "Array::at: 1 indices for 2 axes");
}

TEST_CASE("a blank block knows nothing, and shares its curve points among the tasks") {
    const Block block = Block::blank({"m"}, {1}, {"a", "b"}, 3, 4);
    CHECK(block.task_of_point.data == std::vector<std::int32_t>{1, 1, 2, 2});
    CHECK(block.outcome.data == std::vector<std::int32_t>{5});
    CHECK(block.confusion.shape == std::vector<std::size_t>{1, 1, 2, 3, 3});
    CHECK(block.n_correct.data == std::vector<std::int32_t>{-1, -1, -1, -1});
    CHECK(std::isnan(block.train_seconds.data[0]));
    CHECK(block.n_correct_task_aware.empty());
    CHECK(Block::blank({"m"}, {1}, {"a", "b"}, 0, 3).task_of_point.data ==
          std::vector<std::int32_t>{-1, -1, -1});
}

TEST_CASE("more runs than 4,096 have their texts, too") { // 64 KiB of references to texts
    Folder folder;
    std::vector<std::int32_t> seeds(4100);
    std::iota(seeds.begin(), seeds.end(), 1);
    const Block block = test::domain_block({"finetune"}, seeds);
    write(folder / "r.h5", test::file_of({block}));
    CHECK(read(folder / "r.h5").blocks.at(0).request_digest.data == block.request_digest.data);
}
