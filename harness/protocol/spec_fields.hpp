// SPDX-License-Identifier: Apache-2.0
// The fields of a benchmark's structs by their key, in the order in which a file shows them.
// Reading, writing and merging walk these lists.
#pragma once

#include <nlohmann/json.hpp>

#include <benchmarks/spec.hpp>

namespace mneme::bench {

// As a file has them: a number or a list; a list or "seeded".
inline void to_json(nlohmann::json& json, const ClassCounts& counts) {
    if (counts.list.empty()) json = counts.each;
    else json = counts.list;
}
inline void from_json(const nlohmann::json& json, ClassCounts& counts) {
    counts = json.is_array() ? ClassCounts(json.get<std::vector<int64_t>>())
                             : ClassCounts(json.get<int64_t>());
}
inline void to_json(nlohmann::json& json, const ClassOrder& order) {
    if (order.seeded) json = "seeded";
    else json = order.list;
}
inline void from_json(const nlohmann::json& json, ClassOrder& order) {
    order = {};
    if (json.is_array()) order.list = json.get<std::vector<int64_t>>();
    else order.seeded = true;
}

} // namespace mneme::bench

namespace mneme::protocol {

template <class Stream, class Visit> void visit_stream(Stream& s, Visit visit) {
    visit("kind", s.kind);
    visit("dataset", s.dataset);
    visit("datasets", s.datasets);
    visit("tasks", s.tasks);
    visit("train_examples", s.train_examples);
    visit("test_examples", s.test_examples);
    visit("validation", s.validation);
    visit("label_noise", s.label_noise);
    visit("imbalance", s.imbalance);
    visit("online", s.online);
    visit("boundaries", s.boundaries);
    visit("blur", s.blur);
    visit("normalise", s.normalise);
    visit("degrees_per_task", s.degrees_per_task);
    visit("linspace", s.linspace);
    visit("jitter", s.jitter);
    visit("interpolation", s.interpolation);
    visit("first_task", s.first_task);
    visit("classes_per_task", s.classes_per_task);
    visit("class_order", s.class_order);
    visit("features", s.features);
    visit("separation", s.separation);
}

template <class Augment, class Visit> void visit_augment(Augment& a, Visit visit) {
    visit("crop_padding", a.crop_padding);
    visit("horizontal_flip", a.horizontal_flip);
}

template <class Scenario, class Visit> void visit_scenario(Scenario& s, Visit visit) {
    visit("kind", s.kind);
    visit("head", s.head);
}

template <class Network, class Visit> void visit_network(Network& n, Visit visit) {
    visit("kind", n.kind);
    visit("hidden", n.hidden);
    visit("bias", n.bias);
    visit("init", n.init);
    visit("norm", n.norm);
    visit("shortcut_affine", n.shortcut_affine);
    visit("nf", n.nf);
    visit("padding", n.padding);
    visit("dropout", n.dropout);
    visit("filters", n.filters);
}

template <class Train, class Visit> void visit_train(Train& t, Visit visit) {
    visit("optimizer", t.optimizer);
    visit("lr", t.lr);
    visit("lr_decay", t.lr_decay);
    visit("lr_min", t.lr_min);
    visit("momentum", t.momentum);
    visit("weight_decay", t.weight_decay);
    visit("dropout", t.dropout);
    visit("batch_size", t.batch_size);
    visit("epochs", t.epochs);
    visit("drop_last", t.drop_last);
    visit("reset_optimizer", t.reset_optimizer);
}

} // namespace mneme::protocol
