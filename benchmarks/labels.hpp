// SPDX-License-Identifier: Apache-2.0
// Which examples and which classes a task has, and how the head numbers them (definitions, sections 3 and 4). Private to this room.
#pragma once

#include <cstdint>
#include <vector>

#include <benchmarks/dataset.hpp>
#include <benchmarks/spec.hpp>
#include <benchmarks/tasks.hpp>

namespace mneme::bench {

int64_t task_count(const Spec&);                           // split without tasks: as many as the classes give
int64_t dataset_classes(const Spec&);                      // distinct labels that the examples carry
std::vector<int64_t> task_classes(const Spec&, int64_t t); // in the data set's numbering
std::vector<int64_t> numbering(const Spec&, int64_t t);    // by the data set's label: the head's, or -1 where the task has none

// Rows of the data set, in file order. `test` are rows of the training file where the validation split is evaluated.
struct Rows {
    std::vector<int64_t> train, test;
};

Rows select_rows(const Spec&, const std::vector<uint8_t>& train_labels, const std::vector<uint8_t>& test_labels, const Limits&, int64_t t);

std::vector<uint8_t> synthetic_labels(const Spec&, int64_t count); // row i has label i mod classes_per_task

std::vector<double> rotation_angles(const Spec&); // degrees, one a task

} // namespace mneme::bench
