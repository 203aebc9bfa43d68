// SPDX-License-Identifier: Apache-2.0
// What can be said of a stream's tasks without building them: names, classes, sizes. No LibTorch
// here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
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
    int64_t train_classes = 0, test_classes = 0; // that have examples
};

// `data` is null for synthetic streams. The seed counts where class_order is "seeded": it decides
// which examples a task has.
std::vector<TaskInfo> describe_tasks(const Spec&, const Dataset* data, const Limits&,
                                     int64_t seed = 1);

std::vector<DatasetInfo> datasets_of(const Spec&); // that the stream reads, in its order
// Reads them; null for a synthetic stream. Numbers are normalised where the stream says so. Errors
// as load's.
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

// Why a spec cannot be built: words, bounds and combinations of its keys.
struct SpecFault {
    std::string key, sentence; // "stream.tasks", "tasks is 0; expected 1 to 1000"
};
std::optional<SpecFault> check_spec(const Spec&);

// The label that the stream gives to each class of the data set, for this seed; -1: none. Where the
// classes of all tasks are numbered apart though they are the same ones, that of the first task.
std::vector<int64_t> class_map(const Spec&, int64_t seed);

// Whether seeds differ in which examples are in a task: such seeds cannot share a stream.
bool seeds_differ(const Spec&);

// Index map of a rotation by `degrees`, counter-clockwise as displayed, for rows x columns pixels:
// [rows*columns], the source pixel or -1 where it lies outside.
std::vector<int64_t> rotation_map(int64_t rows, int64_t columns, double degrees);

} // namespace mneme::bench
