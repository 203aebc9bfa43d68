// SPDX-License-Identifier: Apache-2.0
// A benchmark as JSON, both ways without loss: between the two processes and in a plan.
#pragma once

#include <nlohmann/json.hpp>

#include <benchmarks/keys.hpp>
#include <benchmarks/spec.hpp>

namespace mneme::bench {

// As a file has them: a number or a list; a list or "seeded".
void to_json(nlohmann::json&, const ClassCounts&);
void from_json(const nlohmann::json&, ClassCounts&);
void to_json(nlohmann::json&, const ClassOrder&);
void from_json(const nlohmann::json&, ClassOrder&);
// Of a layer, the keys of its kind; a name and a bias where they are given.
void to_json(nlohmann::json&, const LayerSpec&);
void from_json(const nlohmann::json&, LayerSpec&);

nlohmann::json value_of(const Key&, const Spec&);         // null where it is not set
void set_value(const Key&, Spec&, const nlohmann::json&); // throws for a value of another type
nlohmann::json json_of(const DatasetInfo&);
DatasetInfo dataset_from_json(const nlohmann::json&);
nlohmann::json json_of(const Spec&);
// Throws nlohmann::json::exception for what json_of has not written, and std::runtime_error for a
// key of [train] that is not known.
Spec spec_from_json(const nlohmann::json&);

} // namespace mneme::bench
