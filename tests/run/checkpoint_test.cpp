// SPDX-License-Identifier: Apache-2.0
// Checkpoints: which one a cell goes on from.
#include "torch_catch.hpp"

#include <filesystem>
#include <fstream>

#include <base/error.hpp>

#include "support.hpp"
#include "worker/checkpoint.hpp"
#include "worker/runner.hpp"

using namespace mneme;

namespace {

protocol::Cell stopped_cell() {
    auto cell = test::cell("finetune", test::small_stream(), {1});
    cell.plugin.sha256 = std::string(64, 'a');
    harness::Checkpoint checkpoint{{1, 0, 5}, {}, {}, {0.5}, {2}, "none"};
    checkpoint.learner.values.emplace_back("count", int64_t{7});
    checkpoint.blocks = {results::Block::blank({"finetune"}, {1}, {"a", "b", "c"}, 0, 0)};
    harness::save(cell, checkpoint);
    return cell;
}

} // namespace

TEST_CASE("a checkpoint is read as it was written", "[run]") {
    const auto cell = stopped_cell();
    const auto again = harness::load(cell);
    REQUIRE(again.has_value());
    CHECK(again->at.task == 1);
    CHECK(again->at.step == 5);
    CHECK(again->loss_sum == std::vector<double>{0.5});
    CHECK(again->conv_impl == "none");
    CHECK(std::get<int64_t>(again->learner.values.at(0).second) == 7);
    std::filesystem::remove_all(cell.output);
}

TEST_CASE("a checkpoint of another plugin build, device or run is not resumed", "[run]") {
    const auto cell = stopped_cell();
    auto other = cell;
    other.plugin.sha256[0] = 'b';
    CHECK_FALSE(harness::load(other).has_value());
    other = cell;
    other.execution.device = "cuda";
    CHECK_FALSE(harness::load(other).has_value());
    other = cell;
    other.runs[0].digest = "another";
    std::filesystem::copy(harness::checkpoint_path(cell), harness::checkpoint_path(other));
    CHECK_FALSE(harness::load(other).has_value());
    CHECK(harness::load(cell).has_value());
    std::filesystem::remove_all(cell.output);
}

TEST_CASE("a checkpoint that was altered, cut or replaced by a link is passed over", "[run]") {
    const auto cell = stopped_cell();
    const auto path = harness::checkpoint_path(cell);
    const auto size = std::filesystem::file_size(path);
    std::filesystem::rename(path, path.string() + ".kept");
    std::filesystem::create_symlink(path.string() + ".kept", path);
    CHECK_FALSE(harness::load(cell).has_value());
    std::filesystem::remove(path);
    std::filesystem::copy(path.string() + ".kept", path);
    CHECK(harness::load(cell).has_value());
    std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).seekp(20).put('~');
    CHECK_FALSE(harness::load(cell).has_value());
    for (const auto left : {size - 1, size / 2, std::uintmax_t{64}, std::uintmax_t{0}}) {
        std::filesystem::copy(path.string() + ".kept", path,
                              std::filesystem::copy_options::overwrite_existing);
        std::filesystem::resize_file(path, left);
        CHECK_FALSE(harness::load(cell).has_value());
    }
    std::filesystem::remove_all(cell.output);
}

TEST_CASE("settings other than those of the plan are refused", "[run]") {
    auto cell = test::cell("finetune", test::small_stream(), {1}, {}, {{"epochs", 1}});
    cell.runs[0].effective_train = {{"epochs", 20}};
    cell.runs[0].effective_options = protocol::Json::object();
    try {
        test::run(cell);
        FAIL("was trained");
    } catch (const base::ExitError& refusal) {
        CHECK(refusal.code() == base::ExitCode::bad_input);
        const std::string message = refusal.what();
        CHECK(message.find("finetune, seed 1: its settings give {") == 0);
        CHECK(message.find("its plan says {} and {\"epochs\":20}; make the plan again") !=
              std::string::npos);
    }
    std::filesystem::remove_all(cell.output);
}
