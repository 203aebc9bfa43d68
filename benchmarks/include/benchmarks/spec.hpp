// SPDX-License-Identifier: Apache-2.0
// A benchmark as data: what is held fixed in a comparison. Keys as in a benchmark file; no LibTorch
// here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <benchmarks/dataset.hpp>
#include <benchmarks/layer_spec.hpp>
#include <benchmarks/words.hpp>

namespace mneme::bench {

// How many classes each task has: one number for all of them, or one for each.
struct ClassCounts {
    int64_t each = 0; // 0: not given, or `list` says it
    std::vector<int64_t> list;
    ClassCounts() = default;
    ClassCounts(int64_t n) : each(n) {}
    ClassCounts(std::vector<int64_t> counts) : list(std::move(counts)) {}
};

// In which order the classes come: the data set's own (an empty list), a listed one, or one drawn
// for each seed.
struct ClassOrder {
    std::vector<int64_t> list;
    bool seeded = false;
    ClassOrder() = default;
    ClassOrder(std::initializer_list<int64_t> order) : list(order) {}
    ClassOrder(std::vector<int64_t> order) : list(std::move(order)) {}
};

struct StreamSpec {
    std::string kind;                  // rotated, permuted, split, sequence, synthetic
    std::string dataset;               // empty for sequence and synthetic
    std::vector<std::string> datasets; // sequence: their classes come one set after the other
    int64_t tasks = 0;                 // split, sequence: 0 means as many as the classes give
    int64_t train_examples = 0;        // the first N of each task, file order; 0: all
    int64_t test_examples = 0;
    double validation = 0;  // share of each class's training examples, the last in file order
    double label_noise = 0; // share of training labels that are wrong: another class of the task,
                            // drawn for each seed
    double imbalance = 1;   // training examples of the most frequent class over those of the rarest
    bool online = false;    // a run passes each training example once
    std::string boundaries = Boundaries::
        announced;   // announced; hidden: the tasks come as one, and what divides them is not told
    double blur = 0; // hidden: how far tasks run into one another, as a share of a task
    bool hidden() const { return boundaries == Boundaries::hidden; }
    bool once() const { return online || hidden(); } // each training example is passed once
    std::string normalise = Normalise::none;         // none (divide by 255), dataset
    double degrees_per_task = 0;                     // rotated
    double jitter =
        0; // rotated: every task's angle is less by U(0, jitter) degrees, drawn for each seed
    std::vector<double>
        linspace; // rotated: {first, last} angle in degrees, instead of degrees_per_task
    std::string interpolation = Interpolation::nearest; // rotated: nearest, bilinear
    std::string first_task = FirstTask::plain;          // permuted: plain, permuted
    ClassCounts classes_per_task; // split, synthetic (one number); sequence: not given means one
                                  // task for each data set
    ClassOrder class_order;       // split
    int64_t features = 0;         // synthetic: inputs of an example
    double separation = 0;        // synthetic: distance of class centres, in standard deviations
};

// What is done to the pictures of a training batch, anew at each step. Test pictures are as they
// are.
struct AugmentSpec {
    int64_t crop_padding =
        0; // moved by up to so many pixels each way; what comes in from outside is 0
    bool horizontal_flip = false;
    bool any() const { return crop_padding > 0 || horizontal_flip; }
};

struct ScenarioSpec {
    std::string kind = ScenarioKind::domain; // domain, task, class
    std::string head = HeadKind::full;       // full, shared (labels re-indexed per task)
    std::string logits = LogitsKind::seen;   // class: seen, all (from the start)
    bool from_the_start() const { return logits == LogitsKind::all_classes; }
};

struct NetworkSpec {
    std::string kind = NetworkName::mlp;
    std::vector<int64_t> hidden; // mlp
    bool bias = true;
    std::string init = InitKind::standard; // default: U(-1/sqrt(fan_in), 1/sqrt(fan_in)); glorot
    std::string norm = NormKind::batch; // resnet18: batch, batch_stats, batch_frozen, group, none
    bool shortcut_affine = true;        // resnet18: the norm of a shortcut has scale and shift
    int64_t nf = 20;                    // resnet18: channels of the first stage
    std::string padding = PaddingKind::
        same; // zenke-cnn: same, pathint (only the first convolution of each pair is padded)
    bool dropout = true;                                 // zenke-cnn: its own rates
    int64_t filters = 200;                               // text-cnn: of each width
    int64_t depth = 1, width = 64, heads = 4, patch = 4; // vit
    std::vector<LayerSpec> layer;                        // layers: the list, without the head
    // A start from given weights: a safetensors file, relative to the benchmark's in a file and
    // absolute here; its SHA-256; what our tensors are called there, with one "*" on both sides or
    // none, "" for one that starts by init; its tensors that are left out; layers that stay as they
    // are. Without `weights` but with the SHA-256 the values come from elsewhere, as those of a
    // results file do.
    std::string weights, weights_sha256;
    std::map<std::string, std::string> names;
    std::vector<std::string> unused, frozen;
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
    AugmentSpec augment;
    ScenarioSpec scenario;
    NetworkSpec network;
    TrainSpec train;
    std::vector<DatasetInfo> datasets; // descriptions of those that the stream names
};

} // namespace mneme::bench
