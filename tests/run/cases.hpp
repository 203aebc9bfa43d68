// SPDX-License-Identifier: Apache-2.0
// The shipped methods, in settings that differ in what a step does.
#pragma once

#include "support.hpp"

namespace mneme::test {

struct Case {
    const char* plugin;
    protocol::Json options, train;
    const char* rate = "lr"; // what makes a replica diverge when it is huge: a key of [train], or
                             // an option of the method's own
};

inline bench::Spec stream_of(const Case& c) {
    return small_stream(method(c.plugin).flags & MNEME_NEEDS_TASK_ID ? "task" : "domain");
}

inline const Case cases[] = {
    {"finetune", {}, {{"dropout", 0.25}, {"lr_decay", 0.7}}},
    {"finetune", {}, {{"optimizer", "adam"}, {"lr", 0.003}}},
    {"joint", {{"mode", "incremental"}}, {}},
    {"joint", {{"mode", "all"}}, {}},
    {"er", {{"policy", "class_balanced"}, {"memory_per_class", 2}}, {{"dropout", 0.25}}},
    {"er", {{"policy", "ring"}, {"memory_per_class", 3}, {"memory_batch", 7}}, {}},
    {"er", {{"policy", "reservoir"}, {"memory", 30}}, {}},
    {"ewc", {{"lambda", 3.0}, {"fisher_samples", 50}}, {}},
    {"ewc_online", {{"lambda", 1.0}, {"fisher", "sample"}, {"fisher_samples", 50}}, {}},
    {"ewc_online",
     {{"lambda", 1.0}, {"fisher", "batched"}, {"fisher_batch", 5}, {"fisher_samples", 50}},
     {}},
    {"ewc_online", {{"consolidate", "running"}}, {{"dropout", 0.2}}},
    {"si", {{"c", 0.2}}, {{"dropout", 0.2}, {"momentum", 0.5}}},
    {"mas", {{"lambda", 0.05}, {"samples", 50}}, {}},
    {"mas", {{"abs_batch", 4}, {"samples", 50}}, {}},
    {"importance", {{"measure", "si"}}, {{"optimizer", "adam"}, {"lr", 0.003}}},
    {"importance", {{"measure", "siu"}, {"reinit", true}}, {{"dropout", 0.2}}},
    {"importance", {{"measure", "sib"}}, {}},
    {"importance", {{"measure", "sos"}, {"alpha", 1.0}, {"c", 0.01}}, {{"dropout", 0.2}}},
    {"importance", {{"measure", "mas"}, {"samples", 50}}, {}},
    {"importance", {{"measure", "masx2"}, {"samples", 50}, {"c", 0.01}}, {}},
    {"importance", {{"measure", "af"}, {"samples", 50}, {"c", 0.1}}, {}},
    {"importance",
     {{"measure", "rf"}, {"samples", 50}, {"c", 0.1}, {"reinit", true}},
     {{"optimizer", "adam"}, {"lr", 0.003}}},
    {"rebasin", {{"memory_per_class", 2}}, {{"lr", 0.003}}},
    {"rebasin", {{"memory_per_class", 2}, {"gradient", "unrolled"}, {"tau", 0.5}}, {{"lr", 0.003}}},
    {"rebasin",
     {{"policy", "reservoir"}, {"memory", 30}, {"permute", false}},
     {{"lr", 0.003}, {"dropout", 0.25}}},
    {"agem", {{"memory_per_class", 2}}, {{"dropout", 0.25}}},
    {"mcsgd",
     {{"current_samples", 40}, {"line_batch", 10}, {"points", 3}},
     {{"dropout", 0.25}, {"lr_decay", 0.7}}},
    {"mcsgd",
     {{"chain", "hat"},
      {"memory_grouping", "mixed"},
      {"alphas", "uniform"},
      {"line_epochs", 3},
      {"line_batch", 7}},
     {}},
    {"mcsgd",
     {{"mode", "authors"},
      {"line_points", "sum"},
      {"line_scale", "per_example"},
      {"points", 3},
      {"lr_line", 0.005}},
     {}},
    {"mcsgd", {{"rho", 0.25}, {"line_epochs", 0}}, {{"dropout", 0.25}}},
    {"replay_pass",
     {{"memory_per_class", 2}, {"pass_batch", 4}},
     {{"dropout", 0.25}, {"epochs", 8}}},
    {"supsup",
     {{"mask_epochs", 3}, {"density", 0.2}, {"mask_lr", 0.02}},
     {{"dropout", 0.2}},
     nullptr}, // no weight is trained
    {"supsup",
     {{"mask_epochs", 3}, {"density_rule", "erdos_renyi"}, {"transfer", "mean"}, {"mask_lr", 0.02}},
     {},
     nullptr},
    {"exssnet", {{"mask_epochs", 3}, {"weight_epochs", 3}, {"density", 0.2}}, {}, "weight_lr"},
    {"exssnet",
     {{"mask_epochs", 2},
      {"weight_epochs", 2},
      {"density", 0.2},
      {"kkt", "best"},
      {"kkt_threshold", "margin"}},
     {},
     "weight_lr"},
    {"exssnet",
     {{"mask_epochs", 2},
      {"weight_epochs", 2},
      {"density", 0.2},
      {"kkt", "all"},
      {"exclusive", false}},
     {},
     "weight_lr"},
};

} // namespace mneme::test
