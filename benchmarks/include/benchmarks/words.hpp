// SPDX-License-Identifier: Apache-2.0
// The words that keys of a benchmark may hold, each list once.
#pragma once

#include <string>
#include <vector>

namespace mneme::bench {

using Words = std::vector<std::string>;

struct StreamKind {
    static constexpr const char *rotated = "rotated", *permuted = "permuted", *split = "split",
                                *sequence = "sequence", *synthetic = "synthetic";
    static Words all() { return {rotated, permuted, split, sequence, synthetic}; }
};

struct Normalise {
    static constexpr const char *none = "none", *dataset = "dataset";
    static Words all() { return {none, dataset}; }
};

struct Boundaries {
    static constexpr const char *announced = "announced", *hidden = "hidden";
    static Words all() { return {announced, hidden}; }
};

struct Interpolation {
    static constexpr const char *nearest = "nearest", *bilinear = "bilinear";
    static Words all() { return {nearest, bilinear}; }
};

struct FirstTask {
    static constexpr const char *plain = "plain", *permuted = "permuted";
    static Words all() { return {plain, permuted}; }
};

struct ScenarioKind {
    static constexpr const char *domain = "domain", *task = "task", *class_ = "class";
    static Words all() { return {domain, task, class_}; }
};

struct HeadKind {
    static constexpr const char *full = "full", *shared = "shared";
    static Words all() { return {full, shared}; }
};

struct LogitsKind {
    static constexpr const char *seen = "seen", *all_classes = "all";
    static Words all() { return {seen, all_classes}; }
};

struct NetworkName {
    static constexpr const char *mlp = "mlp", *zenke_cnn = "zenke-cnn", *resnet18 = "resnet18",
                                *text_cnn = "text-cnn", *linear = "linear", *vit = "vit",
                                *layers = "layers";
    static Words all() { return {mlp, zenke_cnn, resnet18, text_cnn, linear, vit, layers}; }
};

struct InitKind {
    static constexpr const char *standard = "default", *glorot = "glorot";
    static Words all() { return {standard, glorot}; }
};

struct NormKind {
    static constexpr const char *batch = "batch", *batch_stats = "batch_stats",
                                *batch_frozen = "batch_frozen", *group = "group", *none = "none";
    static Words all() { return {batch, batch_stats, batch_frozen, group, none}; }
};

struct PaddingKind {
    static constexpr const char *same = "same", *pathint = "pathint";
    static Words all() { return {same, pathint}; }
};

struct OptimizerKind {
    static constexpr const char *sgd = "sgd", *adam = "adam", *adamw = "adamw";
    static Words all() { return {sgd, adam, adamw}; }
};

} // namespace mneme::bench
