// SPDX-License-Identifier: Apache-2.0
#include <benchmarks/tasks.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>
#include <stdexcept>

#include "numbers.hpp"
#include "task_examples.hpp"

namespace mneme::bench {

namespace {

std::string degrees(double angle) { // "9", "9.47368": six digits, no exponent, no trailing zeros
    char text[64];
    std::snprintf(text, sizeof text, "%.6g", angle == 0 ? 0.0 : angle);
    return text;
}

// "0 1", "classes 0 to 9" where they are many and follow one another.
std::string list_of(const std::vector<int64_t>& classes) {
    const bool run = classes.size() > 5 &&
                     std::adjacent_find(classes.begin(), classes.end(), [](int64_t a, int64_t b) {
                         return b != a + 1;
                     }) == classes.end();
    if (run) return " " + std::to_string(classes.front()) + " to " + std::to_string(classes.back());
    std::string text;
    for (int64_t c : classes) text.append(" ").append(std::to_string(c));
    return text;
}

// The names of the sets whose classes they are, and the classes in the sets' own numbering.
std::string of_sequence(const Spec& spec, std::vector<int64_t> classes) {
    std::string text;
    int64_t before = 0;
    for (const auto& info : datasets_of(spec)) {
        std::vector<int64_t> own;
        for (int64_t c : classes)
            if (c >= before && c < before + info.classes) own.push_back(c - before);
        before += info.classes;
        if (own.empty()) continue;
        text += (text.empty() ? "" : ", ") + info.name;
        if (int64_t(own.size()) < info.classes) text += " classes" + list_of(own);
    }
    return text;
}

int64_t classes_among(const Labels& labels, const std::vector<int64_t>& rows) {
    std::set<uint16_t> seen;
    for (int64_t row : rows) seen.insert(labels[std::size_t(row)]);
    return int64_t(seen.size());
}

std::string what_task_is(const Spec& spec, int64_t t) {
    const StreamSpec& s = spec.stream;
    if (s.kind == StreamKind::rotated)
        return "rotation " + degrees(rotation_angles(spec)[std::size_t(t)]) +
               (s.jitter > 0 ? " less up to " + degrees(s.jitter) : "");
    if (s.kind == StreamKind::permuted)
        return t == 0 && s.first_task == FirstTask::plain ? "plain" : "permutation";
    if (s.kind == StreamKind::synthetic) return "clusters";
    if (s.class_order.seeded)
        return std::to_string(class_counts(spec)[std::size_t(t)]) + " classes by seed";
    const auto classes = task_classes(spec, t, 1);
    return s.kind == StreamKind::sequence ? of_sequence(spec, classes)
                                          : "classes" + list_of(classes);
}

} // namespace

std::vector<double> rotation_angles(const Spec& spec) {
    const StreamSpec& s = spec.stream;
    std::vector<double> angles;
    for (int64_t t = 0; t < s.tasks; ++t) {
        if (s.linspace.empty()) angles.push_back(s.degrees_per_task * double(t));
        else
            angles.push_back(s.tasks == 1 ? s.linspace[0]
                                          : s.linspace[0] + (s.linspace[1] - s.linspace[0]) *
                                                                double(t) / double(s.tasks - 1));
    }
    return angles;
}

std::vector<std::string> task_names(const Spec& spec) {
    const int64_t tasks = task_count(spec);
    const int digits = std::max(2, int(std::to_string(tasks).size()));
    std::vector<std::string> names;
    for (int64_t t = 0; t < tasks; ++t) {
        char number[24];
        std::snprintf(number, sizeof number, "%0*d ", digits, int(t + 1));
        names.push_back(number + what_task_is(spec, t));
    }
    return names;
}

std::vector<DatasetInfo> datasets_of(const Spec& spec) {
    if (spec.stream.kind == StreamKind::synthetic) return {};
    std::vector<std::string> names = spec.stream.datasets;
    if (!spec.stream.dataset.empty()) names.push_back(spec.stream.dataset);
    std::vector<DatasetInfo> sets;
    for (const auto& name : names) {
        const auto found = std::find_if(spec.datasets.begin(), spec.datasets.end(),
                                        [&](const auto& info) { return info.name == name; });
        if (found == spec.datasets.end())
            throw std::runtime_error("benchmark " + spec.name + " has no description of " + name);
        sets.push_back(*found);
    }
    return sets;
}

std::shared_ptr<const Dataset> load_data(const Spec& spec,
                                         const std::vector<std::filesystem::path>& folders) {
    const auto sets = datasets_of(spec);
    if (sets.empty()) return nullptr;
    auto data = std::make_shared<Dataset>(load(sets, folders));
    if (sets[0].is_numbers() && spec.stream.normalise == Normalise::dataset)
        normalise_numbers(*data, sets[0].shape.size() == 1);
    return data;
}

std::vector<int64_t> input_shape(const Spec& spec) {
    const auto sets = datasets_of(spec);
    if (sets.empty()) return {spec.stream.features};
    return input_shape(sets[0]);
}

int64_t train_images(const DatasetInfo& info) {
    if (info.examples > 0) return info.examples;
    if (info.format == Format::omniglot) return info.classes * 16;
    if (info.is_text() || info.format == Format::hdf5 || info.format == Format::folders ||
        info.format == Format::npy || info.format == Format::table)
        return 0;
    int64_t bytes = 0;
    if (info.format == Format::idx)
        return info.files[1].bytes > 8 ? int64_t(info.files[1].bytes) - 8 : 0;
    for (std::size_t f = 0; f + 1 < info.files.size(); ++f) bytes += int64_t(info.files[f].bytes);
    return bytes / (info.label_bytes + info.shape[0] * info.shape[1] * info.shape[2]);
}

std::vector<int64_t> input_shape(const DatasetInfo& info) {
    return info.shape.size() == 2 && !info.is_text()
               ? std::vector<int64_t>{1, info.shape[0], info.shape[1]}
               : info.shape; // grey
}

std::vector<TaskInfo> describe_tasks(const Spec& spec, const Dataset* data, const Limits& limits,
                                     int64_t seed) {
    const Labels train =
        data ? data->train.labels : synthetic_labels(spec, spec.stream.train_examples);
    const Labels test =
        data ? data->test.labels : synthetic_labels(spec, spec.stream.test_examples);
    const auto names = task_names(spec);
    std::vector<TaskInfo> tasks;
    for (int64_t t = 0; t < int64_t(names.size()); ++t) {
        const auto head = numbering(spec, t, seed);
        TaskInfo task{names[std::size_t(t)], {}, 0, 0};
        for (int64_t c : task_classes(spec, t, seed)) task.classes.push_back(head[std::size_t(c)]);
        if (t == 0 || splits_classes(spec)) {
            const Rows rows = select_rows(spec, train, test, limits, t, seed);
            task.train_count = int64_t(rows.train.size());
            task.test_count = int64_t(rows.test.size());
            task.train_classes = classes_among(train, rows.train);
            task.test_classes = classes_among(limits.validation ? train : test, rows.test);
        } else { // the same rows in every task
            task.train_count = tasks[0].train_count;
            task.test_count = tasks[0].test_count;
            task.train_classes = tasks[0].train_classes;
            task.test_classes = tasks[0].test_classes;
        }
        tasks.push_back(std::move(task));
    }
    return tasks;
}

std::vector<int64_t> rotation_map(int64_t rows, int64_t columns, double degrees_turned) {
    const double radians = degrees_turned * (3.14159265358979323846 / 180.0), c = std::cos(radians),
                 s = std::sin(radians);
    const double middle_row = double(rows - 1) / 2, middle_column = double(columns - 1) / 2;
    std::vector<int64_t> map;
    map.reserve(std::size_t(rows * columns));
    for (int64_t row = 0; row < rows; ++row)
        for (int64_t column = 0; column < columns; ++column) {
            // Turned back, that is clockwise; rows count downwards.
            const double x = double(column) - middle_column, y = double(row) - middle_row;
            const double from_column = std::floor(middle_column + x * c - y * s + 0.5 + 1e-9);
            const double from_row = std::floor(middle_row + x * s + y * c + 0.5 + 1e-9);
            const bool inside = from_row >= 0 && from_row < double(rows) && from_column >= 0 &&
                                from_column < double(columns);
            map.push_back(inside ? int64_t(from_row) * columns + int64_t(from_column) : -1);
        }
    return map;
}

} // namespace mneme::bench
