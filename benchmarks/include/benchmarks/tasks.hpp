// SPDX-License-Identifier: Apache-2.0
// What can be said of a stream's tasks without building them: names, classes, sizes. No LibTorch
// here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <benchmarks/dataset.hpp>
#include <benchmarks/spec.hpp>

namespace mneme::bench {

struct Limits {
    int64_t train = 0,
            test = 0;        // 0: none (the smaller of this and the spec's train_examples counts)
    bool validation = false; // evaluate on the validation split
};

struct TaskInfo {
    std::string name;             // unique: "01 rotation 0"
    std::vector<int64_t> classes; // in the head's numbering
    int64_t train_count = 0, test_count = 0;
};

// `data` is null for synthetic streams. The seed counts where class_order is "seeded": it decides
// which examples a task has.
std::vector<TaskInfo> describe_tasks(const Spec&, const Dataset* data, const Limits&,
                                     int64_t seed = 1);

std::vector<DatasetInfo> datasets_of(const Spec&); // that the stream reads, in its order
// Reads them; null for a synthetic stream. Errors as load's.
std::shared_ptr<const Dataset> load_data(const Spec&,
                                         const std::vector<std::filesystem::path>& folders);

// Without reading a data set: the names alone (a failed run's record needs them), and the width of
// the head.
std::vector<std::string> task_names(const Spec&);
int64_t head_width(const Spec&);
int64_t train_images(const DatasetInfo&);      // by the published sizes; 0: not known
std::vector<int64_t> input_shape(const Spec&); // of one example: {D}, or {channels, rows, columns}
double chance(
    const Spec&); // mean over tasks of the accuracy of a guess among the classes that count at test

// Why this spec cannot be built, or empty: bounds and combinations ("tasks must be 1..180", "split
// needs classes_per_task"). `key` is set to the key at fault ("stream.tasks").
std::string fault(const Spec&, std::string& key);

// Whether seeds differ in which examples are in a task: such seeds cannot share a stream.
bool seeds_differ(const Spec&);

// Index map of a rotation by `degrees`, counter-clockwise as displayed, for rows x columns pixels:
// [rows*columns], the source pixel or -1 for outside (definitions, section 3).
std::vector<int64_t> rotation_map(int64_t rows, int64_t columns, double degrees);

} // namespace mneme::bench
