// SPDX-License-Identifier: Apache-2.0
// A benchmark as data: what is held fixed in a comparison. Keys as in a benchmark file; no LibTorch here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mneme::bench {

struct StreamSpec {
    std::string kind;           // rotated, permuted, split, synthetic
    std::string dataset;        // empty for synthetic
    int64_t tasks = 0;          // split: 0 means classes / classes_per_task
    int64_t train_examples = 0; // the first N of each task, file order; 0: all
    int64_t test_examples = 0;
    double validation = 0;                 // share of each class's training examples, the last in file order
    std::string normalise = "none";        // none (divide by 255), dataset
    double degrees_per_task = 0;           // rotated
    std::vector<double> linspace;          // rotated: {first, last} angle in degrees, instead of degrees_per_task
    std::string interpolation = "nearest"; // rotated
    std::string first_task = "plain";      // permuted: plain, permuted
    int64_t classes_per_task = 0;          // split, synthetic
    std::vector<int64_t> class_order;      // split: empty means natural
    int64_t features = 0;                  // synthetic: inputs of an example
    double separation = 0;                 // synthetic: distance of class centres, in standard deviations
};

struct ScenarioSpec {
    std::string kind = "domain"; // domain, task, class
    std::string head = "full";   // full, shared (labels re-indexed per task)
};

struct NetworkSpec {
    std::string kind = "mlp";
    std::vector<int64_t> hidden; // mlp
    bool bias = true;
    std::string init = "default"; // default: U(-1/sqrt(fan_in), 1/sqrt(fan_in)); glorot
    std::string norm = "batch";   // resnet18: batch, batch_stats, batch_frozen, group, none
    bool shortcut_affine = true;  // resnet18: the norm of a shortcut has scale and shift
    int64_t nf = 20;              // resnet18: channels of the first stage
    std::string padding = "same"; // zenke-cnn: same, pathint (only the first convolution of each pair is padded)
    bool dropout = true;          // zenke-cnn: its own rates
    int64_t filters = 200;        // text-cnn: of each width
};

// Keys of [train]; an unset one leaves the choice to the method.
struct TrainSpec {
    std::optional<std::string> optimizer; // sgd, adam, adamw
    std::optional<double> lr, lr_decay, lr_min, momentum, weight_decay, dropout;
    std::optional<int64_t> batch_size, epochs;
    std::optional<bool> drop_last, reset_optimizer;
};

struct Spec {
    std::string name, version = "1";
    StreamSpec stream;
    ScenarioSpec scenario;
    NetworkSpec network;
    TrainSpec train;
};

} // namespace mneme::bench
