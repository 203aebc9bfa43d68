// SPDX-License-Identifier: Apache-2.0
// Which examples and which classes a task has, and how the head numbers them.
// Private to this room.
#pragma once

#include <cstdint>
#include <vector>

#include <benchmarks/dataset.hpp>
#include <benchmarks/spec.hpp>
#include <benchmarks/tasks.hpp>

namespace mneme::bench {

using Labels = std::vector<uint16_t>;

bool splits_classes(const Spec&); // tasks have classes of their own: split and sequence
int64_t task_count(const Spec&);  // split and sequence without tasks: as many as the classes give
int64_t dataset_classes(const Spec&);           // distinct labels that the examples carry
std::vector<int64_t> class_counts(const Spec&); // of each task; empty: all classes in every task

std::vector<int64_t> input_shape(const DatasetInfo&);

// In the data set's numbering; of several sets, the classes of each stand behind those of the sets
// before it. Order "seeded": the permutation from the purpose "mneme/stream" of the seed, call 0,
// step 0, task 0.
std::vector<int64_t> task_classes(const Spec&, int64_t t, int64_t seed);
// By the data set's label: the head's number, or -1 where the task has none. Order "seeded": by
// place in the order, so that the head's numbers do not depend on the seed.
std::vector<int64_t> numbering(const Spec&, int64_t t, int64_t seed);

// Rows of the data set, in file order. `test` are rows of the training file where the validation
// split is evaluated.
struct Rows {
    std::vector<int64_t> train, test;
};

// With limits, the first rows in file order. Where the rows are sorted by class, the first of each
// class, whose share is that of its rows; throws std::runtime_error where the limit is below the
// number of classes, and where no row is left.
Rows select_rows(const Spec&, const Labels& train_labels, const Labels& test_labels, const Limits&,
                 int64_t t, int64_t seed);

// Of training rows. Label noise: the element i (the row in its file) of the purpose
// "mneme/label_noise" at {call, step 0, task * 256} decides: where call 0, uniform, is below
// label_noise, call 1 draws one of the task's other classes, in the order of task_classes.
Labels training_labels(const Spec&, const Labels&, const std::vector<int64_t>& rows, int64_t t,
                       int64_t seed);

Labels synthetic_labels(const Spec&, int64_t count); // row i has label i mod classes_per_task

std::vector<double> rotation_angles(const Spec&); // degrees, one a task, without jitter

} // namespace mneme::bench
