// SPDX-License-Identifier: Apache-2.0
// Whole runs on the GPU: the same stream as on the CPU, close to its numbers, and replicas close to
// single runs.
#include "torch_catch.hpp"

#include "gpu.hpp"

#include <algorithm>
#include <cmath>

#include "cases.hpp"
#include "worker/runner.hpp"

using namespace mneme::test;

namespace {

double average(const mneme::results::Block& b) {
    const auto T = b.tasks.size();
    double sum = 0;
    for (std::size_t j = 0; j < T; ++j)
        sum += static_cast<double>(b.n_correct.at({0, 0, T - 1, j})) / b.n_evaluated.at({j});
    return sum / static_cast<double>(T);
}

bool same(const std::vector<double>& a,
          const std::vector<double>& b) { // tasks that train nothing have NaN
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
        return x == y || (std::isnan(x) && std::isnan(y));
    });
}

} // namespace

TEST_CASE("a run on the GPU sees the CPU's stream and ends near its numbers", "[gpu]") {
    need_gpu();
    for (const char* plugin : {"finetune", "er", "agem", "ewc", "ewc_online", "joint"}) {
        INFO(plugin);
        auto there = cell(plugin, small_stream(), {1});
        there.execution.device = "cuda";
        const auto cpu = run(cell(plugin, small_stream(), {1}))[0], gpu = run(there)[0];
        CHECK(gpu.outcome.at({0, 0}) == 0);
        CHECK(gpu.data_digest.data == cpu.data_digest.data);
        CHECK(gpu.kept_bytes.data == cpu.kept_bytes.data);
        CHECK(std::abs(average(gpu) - average(cpu)) < 0.1);
        CHECK(gpu.peak_device_bytes.at({0, 0, 2}) > 0);
    }
}

TEST_CASE("a step recorded on the GPU and played does what the step called does", "[gpu]") {
    need_gpu();
    for (const auto& c : cases) {
        const auto& m = method(c.plugin);
        if (!(m.flags & MNEME_CAPTURES)) continue;
        INFO(c.plugin << " " << c.options.dump() << " " << c.train.dump());
        auto spec = stream_of(c);
        spec.stream.train_examples = 303; // two epochs have more steps than recording is worth
        auto there = cell(c.plugin, spec, {1, 2, 3}, c.options, c.train);
        there.execution.device = "cuda";
        auto called = mneme::harness::ExecutionMode::of(there, m);
        called.make_graph = {}, called.not_captured_because = "test";
        const auto played = run(there), one_by_one = run(there, m, called);
        CHECK(played[0].provenance.begin()->second.at("graphs") == "captured");
        for (std::size_t r = 0; r < 3; ++r) {
            CHECK(same(played[r].optimizer_steps.data, one_by_one[r].optimizer_steps.data));
            CHECK(same(played[r].train_samples.data, one_by_one[r].train_samples.data));
            CHECK(std::abs(average(played[r]) - average(one_by_one[r])) <
                  0.02); // kernels that add in no fixed order
        }
    }
}

TEST_CASE("the same run on the GPU gives the same bits", "[gpu]") {
    need_gpu();
    for (const char* plugin : {"finetune", "er", "agem", "ewc_online", "si", "mcsgd"}) {
        INFO(plugin);
        auto c = cell(plugin, small_stream(), {1, 2, 3});
        c.execution.device = "cuda";
        const auto first = run(c), again = run(c);
        for (std::size_t r = 0; r < 3; ++r) {
            CHECK(first[r].n_correct.data == again[r].n_correct.data);
            CHECK(same(first[r].loss.data, again[r].loss.data));
            CHECK(same(first[r].train_loss.data, again[r].train_loss.data));
        }
    }
}

TEST_CASE("a replica of a small network on the GPU is its seed alone",
          "[gpu]") { // benchmarks/linear.hpp
    need_gpu();
    for (const char* plugin : {"finetune", "er", "ewc_online"}) {
        INFO(plugin);
        auto all = cell(plugin, small_stream(), {1, 2, 3, 4});
        all.execution.device = "cuda";
        const auto together = run(all);
        for (int64_t seed : {1, 4}) {
            auto one = cell(plugin, small_stream(), {seed});
            one.execution.device = "cuda";
            const auto alone = run(one)[0];
            const auto& replica = together[static_cast<std::size_t>(seed - 1)];
            CHECK(replica.n_correct.data == alone.n_correct.data);
            CHECK(same(replica.train_loss.data, alone.train_loss.data));
        }
    }
}

TEST_CASE("replicas on the GPU end near single runs", "[gpu]") {
    need_gpu();
    for (const char* plugin : {"finetune", "er", "agem", "ewc_online"}) {
        INFO(plugin);
        auto all = cell(plugin, small_stream(), {1, 2, 3, 4, 5, 6, 7, 8});
        all.execution.device = "cuda";
        const auto together = run(all);
        for (int64_t seed : {1, 8}) {
            auto one = cell(plugin, small_stream(), {seed});
            one.execution.device = "cuda";
            CHECK(std::abs(average(together[static_cast<std::size_t>(seed - 1)]) -
                           average(run(one)[0])) < 0.1);
        }
    }
}
