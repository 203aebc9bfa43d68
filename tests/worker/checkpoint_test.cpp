// SPDX-License-Identifier: Apache-2.0
// Checkpoints: what they keep, and which runs they belong to.
#include "torch_catch.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>

#include <base/regular_file.hpp>

#include "support.hpp"
#include "worker/checkpoint.hpp"

using namespace mneme;
using namespace mneme::test;
using namespace mneme::harness;

namespace {

Checkpoint checkpoint_of(const Cell& cell) {
    Checkpoint c{{1, 0, 7}, {}, {}, {2.5}, {10}, "none"};
    c.blocks.push_back(results::Block::blank({cell.runs[0].label}, {1}, {"a", "b"}, 2, 10));
    return c;
}

} // namespace

TEST_CASE("a checkpoint keeps every number of a run", "[run]") {
    const auto asked = cell("finetune", small_stream(), {1});
    auto kept = checkpoint_of(asked);
    auto& block = kept.blocks[0];
    double value = 0.5;
    const auto fill = [&](auto& array) {
        for (auto& entry : array.data) {
            entry = static_cast<std::decay_t<decltype(entry)>>(value);
            value += 1;
        }
    };
    const auto each = [](auto& b, auto&& visit) {
        visit(b.n_correct), visit(b.initial_correct), visit(b.loss), visit(b.confusion);
        visit(b.train_seconds), visit(b.evaluate_seconds), visit(b.end_task_seconds);
        visit(b.train_samples), visit(b.optimizer_steps), visit(b.kept_bytes);
        visit(b.peak_rss_bytes), visit(b.peak_device_bytes), visit(b.train_loss);
    };
    each(block, fill);
    block.diagnostics["rank.2"] = {"1", "directions kept: 2 of 2", {{1, 1, 2}, NAN}};
    block.diagnostics["rank.2"].values.at({0, 0, 1}) = 0.1;
    save(asked, kept);
    const auto found = load(asked);
    REQUIRE(found.has_value());
    CHECK(found->at.task == 1);
    CHECK(found->at.phase == 0);
    CHECK(found->at.step == 7);
    CHECK(found->loss_sum == kept.loss_sum);
    CHECK(found->loss_weight == kept.loss_weight);
    auto resumed = results::Block::blank({asked.runs[0].label}, {1}, {"a", "b"}, 2, 10);
    adopt(resumed, found->blocks[0]);
    std::vector<std::vector<double>> wanted, got;
    each(block, [&](const auto& a) { wanted.emplace_back(a.data.begin(), a.data.end()); });
    each(resumed, [&](const auto& a) { got.emplace_back(a.data.begin(), a.data.end()); });
    CHECK(got == wanted);
    CHECK(resumed.restart_count.at({0, 0}) == 1);
    auto again = results::Block::blank({asked.runs[0].label}, {1}, {"a", "b"}, 2, 10);
    adopt(again, resumed);
    CHECK(again.restart_count.at({0, 0}) == 2);
    REQUIRE(resumed.diagnostics.count("rank.2") == 1);
    const auto& rank = resumed.diagnostics["rank.2"];
    CHECK(rank.units == "1");
    CHECK(rank.help == "directions kept: 2 of 2");
    CHECK(std::isnan(rank.values.at({0, 0, 0})));
    CHECK(rank.values.at({0, 0, 1}) == 0.1);
    std::filesystem::remove_all(asked.output);
}

TEST_CASE(
    "a checkpoint of another build of the plugin, another device or other runs is passed over",
    "[run]") {
    auto asked = cell("finetune", small_stream(), {1});
    asked.plugin.sha256 = "of this build", asked.runs[0].digest = "of this run";
    save(asked, checkpoint_of(asked));
    CHECK(load(asked).has_value());
    auto other = asked;
    other.plugin.sha256 = "of another build";
    CHECK_FALSE(load(other).has_value());
    other = asked;
    other.execution.device = "cuda";
    CHECK_FALSE(load(other).has_value());
    std::filesystem::remove_all(asked.output);
}

TEST_CASE("a checkpoint with any byte changed is passed over", "[run]") {
    const auto asked = cell("finetune", small_stream(), {1});
    save(asked, checkpoint_of(asked));
    const auto path = checkpoint_path(asked);
    const std::string whole = base::read_file(path, 1 << 20);
    const auto put = [&](const std::string& bytes) {
        std::ofstream(path, std::ios::binary) << bytes;
    };
    std::size_t taken = 0;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 1); // a number stays a number
        put(changed);
        taken += load(asked).has_value();
    }
    CHECK(taken == 0);
    put(whole);
    CHECK(load(asked).has_value());
    std::filesystem::remove_all(asked.output);
}
