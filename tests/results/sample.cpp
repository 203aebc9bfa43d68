// SPDX-License-Identifier: Apache-2.0
#include "sample.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include <stdlib.h>

namespace mneme::results::test {

std::string digest(char digit) { return std::string(64, digit); }

namespace {

// Spreads counts over 0..n so that quotients have long binary fractions.
std::int32_t spread(std::size_t i, std::int32_t n) {
    return static_cast<std::int32_t>((i * 2654435761u) % static_cast<std::uint32_t>(n + 1));
}

void fill_amounts(Block& block) {
    double next = 0.125;
    for (auto member :
         {&Block::loss, &Block::train_seconds, &Block::evaluate_seconds, &Block::end_task_seconds,
          &Block::train_samples, &Block::optimizer_steps, &Block::kept_bytes,
          &Block::peak_rss_bytes, &Block::peak_device_bytes, &Block::train_loss})
        for (double& x : (block.*member).data) x = next += 0.1;
    for (std::size_t run = 0; run < block.request_digest.data.size(); ++run) {
        const std::string number = std::to_string(run + 1);
        block.request_digest.data[run] = digest("0123456789abcdef"[run % 16]);
        block.run_host.data[run] = "node" + number;
        block.run_device.data[run] = "card " + number;
        block.job_id.data[run] = "job_" + number;
        block.restart_count.data[run] = static_cast<std::int32_t>(run);
    }
    std::fill(block.shared_by_replicas.data.begin(), block.shared_by_replicas.data.end(), 1);
    for (std::size_t i = 0; i < block.data_digest.data.size(); ++i)
        block.data_digest.data[i] = digest("0123456789abcdef"[i % 16]);
    for (const std::string& label : block.methods)
        for (const char* key : {"options_toml",  "train_toml",       "plugin_id", "plugin_version",
                                "plugin_sha256", "plugin_note",      "paper",     "harness_version",
                                "git_commit",    "git_dirty",        "libtorch",  "blas",
                                "hdf5",          "compiler",         "device",    "driver",
                                "cuda",          "threads",          "precision", "graphs",
                                "command_line",  "environment_json", "host"})
            block.provenance[label][key] =
                std::string(key) == "device" ? "cpu" : std::string(key) + " of " + label;
    block.provenance[block.methods[0]]["driver"] = ""; // empty texts exist
}

// One confusion row that agrees with the counts: wrong answers all go to the next class.
void fill_confusion(Block& block, std::size_t m, std::size_t n, std::size_t t) {
    const std::size_t C = block.confusion.shape.back(), T = block.tasks.size();
    for (std::size_t k = 0; k < C; ++k)
        for (std::size_t p = 0; p < C; ++p) block.confusion.at({m, n, t, k, p}) = 0;
    for (std::size_t j = 0; j < T; ++j)
        if (const std::int32_t right = block.n_correct.at({m, n, t, j}); right >= 0) {
            block.confusion.at({m, n, t, j % C, j % C}) += right;
            block.confusion.at({m, n, t, j % C, (j + 1) % C}) += block.n_evaluated.data[j] - right;
        }
}

// Three evaluations of each task: on each task a dip, and a recovery that is not quite one.
void fill_continual(Block& block) {
    const std::size_t M = block.methods.size(), N = block.seeds.size(), T = block.tasks.size();
    block.continual_step = {{M, N, T, 3}, -1};
    block.continual_correct = {{M, N, T, 3, T}, -1};
    block.continual_evaluated = {{T}, 100};
    for (std::size_t r = 0; r < M * N; ++r)
        for (std::size_t t = 0; t < T; ++t)
            for (std::size_t k = 0; k < 3; ++k) {
                block.continual_step.at({r / N, r % N, t, k}) =
                    static_cast<std::int32_t>(k + 1) * 7;
                for (std::size_t j = 0; j <= t; ++j)
                    block.continual_correct.at({r / N, r % N, t, k, j}) =
                        spread(r * 31 + t * 7 + k * 3 + j, 100);
            }
}

// Fifteen bins: what is right lies in the last, what is wrong in the first.
void fill_calibration(Block& block) {
    const std::size_t M = block.methods.size(), N = block.seeds.size(), T = block.tasks.size();
    block.calibration_count = {{M, N, T, T, 15}, 0};
    block.calibration_correct = block.calibration_count;
    block.calibration_confidence = {{M, N, T, T, 15}, 0.0};
    for (std::size_t i = 0; i < block.n_correct.data.size(); ++i) {
        const std::int32_t right = block.n_correct.data[i];
        const std::int32_t wrong = block.n_evaluated.data[i % T] - right;
        block.calibration_count.data[i * 15] = wrong;
        block.calibration_count.data[i * 15 + 14] = right;
        block.calibration_correct.data[i * 15 + 14] = right;
        block.calibration_confidence.data[i * 15] = wrong * 0.0625;
        block.calibration_confidence.data[i * 15 + 14] = right * 0.96875;
    }
    block.calibration_squared_error = {{M, N, T, T}, 0.0};
    for (std::size_t i = 0; i < block.n_correct.data.size(); ++i)
        block.calibration_squared_error.data[i] = spread(i + 11, 1900) * 0.37;
    block.added_metrics = {"balanced_accuracy",
                           "macro_f1",
                           "cohen_kappa",
                           "negative_flips",
                           "maximum_calibration_error",
                           "negative_log_likelihood"};
}

// The first examples of each task are answered correctly, the others with the next class.
void fill_predictions(Block& block) {
    const std::size_t M = block.methods.size(), N = block.seeds.size(), T = block.tasks.size();
    std::size_t all = 0;
    for (std::int32_t n : block.n_evaluated.data) all += static_cast<std::size_t>(n);
    block.labels = {{N, all}, 0};
    for (std::size_t x = 0; x < block.labels.data.size(); ++x)
        block.labels.data[x] = static_cast<std::uint16_t>(x % 4);
    block.predictions = {{M, N, T, all}, 0};
    for (std::size_t row = 0; row < M * N * T; ++row) {
        std::size_t x = 0;
        for (std::size_t j = 0; j < T; ++j)
            for (std::int32_t k = 0; k < block.n_evaluated.data[j]; ++k, ++x) {
                const std::uint16_t label = block.labels.data[row / T % N * all + x];
                const bool right = k < block.n_correct.data[row * T + j];
                block.predictions.data[row * all + x] =
                    right ? label : static_cast<std::uint16_t>((label + 1) % 4);
            }
    }
}

// Lines of five points between consecutive tasks and to joint's minimum.
void fill_geometry(Block& block) {
    const std::size_t M = block.methods.size(), N = block.seeds.size(), T = block.tasks.size();
    block.geometry_pair_from = {{4}, 1}, block.geometry_pair_to = {{4}, 0};
    block.geometry_pair_from.data = {1, 2, 1, 3}, block.geometry_pair_to.data = {2, 3, 3, 0};
    block.geometry_position = {{5}, 0};
    block.geometry_position.data = {0, 0.25, 0.5, 0.75, 1};
    block.geometry_evaluated = {{T}, 300};
    block.geometry_loss = {{M, N, 4, 5, T}, 0};
    block.geometry_correct = {{M, N, 4, 5, T}, 0};
    for (std::size_t i = 0; i < block.geometry_loss.data.size(); ++i) {
        block.geometry_loss.data[i] = spread(i + 3, 1000) * 0.0037;
        block.geometry_correct.data[i] = spread(i + 5, 300);
    }
    block.geometry_loss.data[7] = std::numeric_limits<double>::quiet_NaN();
    block.geometry_matched_loss = block.geometry_loss;
    block.geometry_matched_correct = block.geometry_correct;
    block.geometry_distance = {{M, N, 4}, 2.5}, block.geometry_matched_distance = {{M, N, 4}, 1.25};
    block.geometry_cosine = {{M, N, T, T}, -0.5};
    block.geometry_cka = {{M, N, 4, T}, 0.75};
    block.geometry_l2_loss = block.geometry_mid_loss = block.geometry_loss;
    block.geometry_l2_correct = block.geometry_mid_correct = block.geometry_correct;
    block.geometry_l2_distance = {{M, N, 4}, 1.5}, block.geometry_mid_distance = {{M, N, 4}, 1.75};
    block.geometry_pair_seed = {{N, 4}, block.seeds[0]};
    block.geometry_plane_first = {{2}, 1}, block.geometry_plane_second = {{2}, 2};
    block.geometry_plane_third = {{2}, 0};
    block.geometry_plane_first.data = {1, 2}, block.geometry_plane_second.data = {2, 3};
    block.geometry_plane_position = {{4}, 0};
    block.geometry_plane_position.data = {-0.5, 0, 0.5, 1};
    block.geometry_plane_loss = {{M, N, 2, 4, 4, T}, 0};
    block.geometry_plane_correct = {{M, N, 2, 4, 4, T}, -1};
    for (std::size_t i = 1; i < block.geometry_plane_loss.data.size(); ++i) {
        block.geometry_plane_loss.data[i] = spread(i + 13, 1000) * 0.0053;
        block.geometry_plane_correct.data[i] = spread(i + 17, 300);
    }
}

} // namespace

Block domain_block(const std::vector<std::string>& methods,
                   const std::vector<std::int32_t>& seeds) {
    Block block =
        Block::blank(methods, seeds, {"01 rotation 0", "02 rotation 36", "03 Drehung 72°"}, 4, 6);
    block.benchmark = "rotated-mini", block.version = "1", block.digest = digest('a'),
    block.scenario = "domain";
    block.toml = "[stream]\nkind = \"rotated\"\n", block.chance_accuracy = 0.25;
    block.n_evaluated.data = {997, 991, 1009};
    for (std::size_t i = 0; i < block.n_correct.data.size(); ++i)
        block.n_correct.data[i] = spread(i + 1, block.n_evaluated.data[i % 3]);
    for (std::size_t i = 0; i < block.initial_correct.data.size(); ++i)
        block.initial_correct.data[i] = spread(i + 77, block.n_evaluated.data[i % 3]);
    std::fill(block.outcome.data.begin(), block.outcome.data.end(), 0);
    fill_amounts(block);
    for (std::size_t m = 0; m < methods.size(); ++m)
        for (std::size_t n = 0; n < seeds.size(); ++n) fill_confusion(block, m, n, 2);
    return block;
}

Block inside_block() {
    Block block = domain_block({"finetune", "joint", "single"}, {1, 2});
    block.benchmark = "rotated-inside";
    block.provenance["joint"]["plugin_id"] = "joint";
    block.provenance["single"]["plugin_id"] = "single";
    fill_continual(block);
    fill_calibration(block);
    fill_predictions(block);
    fill_geometry(block);
    return block;
}

Block class_block() {
    Block block = Block::blank({"er", "si"}, {7, 3}, {"01 classes 0-1", "02 classes 2-3"}, 4, 2);
    block.benchmark = "split-mini-class", block.version = "2", block.digest = digest('b'),
    block.scenario = "class";
    block.evaluated_on = "validation", block.toml = "[stream]\nkind = \"split\"\n",
    block.chance_accuracy = 0.25;
    block.n_evaluated.data = {211, 223};
    block.limit_train = 500, block.limit_test = 434;
    block.looks = {5, 10, 20};
    block.n_correct_task_aware = {{2, 2, 2, 2}, -1};
    block.class_map = {{2, 5}, -1}; // five classes, one of which the stream leaves out
    for (std::size_t i = 0; i < 8; ++i)
        block.class_map.at({i / 4, i % 4}) = static_cast<std::int32_t>((i + i / 4) % 4);
    block.diagnostics["violations"] = {
        "1", "share of steps that were projected", {{2, 2, 2}, 0.25}};
    block.diagnostics["radius"] = {"", "distance from the first weights", {{2, 2, 2}, 1.5}};
    block.weight_statistics = {{2, 2, 2, 3}, 0.5F};
    block.network_layers = "[]";
    block.weights = {{2, 2, 2, 5000}, 0.0F};
    for (std::size_t i = 0; i < block.weights.data.size(); ++i)
        block.weights.data[i] = static_cast<float>(i) * 0.001F;
    for (std::size_t run = 0; run < 3; ++run) { // the fourth is missing
        const std::size_t m = run / 2, n = run % 2;
        const bool diverged = run == 2; // after the first task
        for (std::size_t t = 0; t < (diverged ? 1u : 2u); ++t) {
            for (std::size_t j = 0; j < 2; ++j) {
                block.n_correct.at({m, n, t, j}) =
                    j > t ? 0 : spread(run * 4 + t * 2 + j + 5, block.n_evaluated.data[j]);
                block.n_correct_task_aware.at({m, n, t, j}) = block.n_evaluated.data[j];
            }
            fill_confusion(block, m, n, t);
        }
        for (std::size_t j = 0; j < 2; ++j)
            block.initial_correct.at({m, n, j}) = static_cast<std::int32_t>(j) + 50;
        block.outcome.data[run] = diverged ? 1 : 0;
    }
    block.outcome_message.data[2] =
        "step 120: a weight is not finite \xFF"; // the last byte is not UTF-8
    fill_amounts(block);
    return block;
}

File file_of(std::vector<Block> blocks) {
    return {"a sample", "2026-01-02T03:04:05Z", std::move(blocks)};
}

} // namespace mneme::results::test
