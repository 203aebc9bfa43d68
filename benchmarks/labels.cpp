// SPDX-License-Identifier: Apache-2.0
#include "labels.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace mneme::bench {

namespace {

// One set of labels for all tasks: theirs are numbered by their place in the task.
bool labels_shared(const Spec& spec) { return spec.scenario.head == "shared" || spec.scenario.kind == "domain"; }

int64_t classes_in_task(const Spec& spec) {
    return spec.stream.kind == "split" || spec.stream.kind == "synthetic" ? spec.stream.classes_per_task : dataset_classes(spec);
}

// Rows whose class the task has, the first `limit` of them.
std::vector<int64_t> rows_of(const std::vector<uint8_t>& labels, const std::vector<int64_t>& head, const std::vector<bool>& allowed,
                             int64_t limit) {
    std::vector<int64_t> rows;
    for (std::size_t i = 0; i < labels.size() && (limit == 0 || int64_t(rows.size()) < limit); ++i)
        if (head[labels[i]] >= 0 && (allowed.empty() || allowed[i])) rows.push_back(int64_t(i));
    return rows;
}

// The last `share` of each class in file order.
std::vector<bool> held_out(const std::vector<uint8_t>& labels, double share) {
    std::vector<int64_t> left(256, 0);
    for (uint8_t label : labels) ++left[label];
    for (int64_t& count : left) count = int64_t(double(count) * share + 1e-9);
    std::vector<bool> out(labels.size(), false);
    for (std::size_t i = labels.size(); i-- > 0;)
        if (left[labels[i]] > 0) {
            out[i] = true;
            --left[labels[i]];
        }
    return out;
}

int64_t smaller_limit(int64_t a, int64_t b) { return a == 0 ? b : b == 0 ? a : std::min(a, b); }

} // namespace

int64_t task_count(const Spec& spec) {
    if (spec.stream.tasks > 0 || spec.stream.kind != "split") return spec.stream.tasks;
    return dataset_classes(spec) / spec.stream.classes_per_task;
}

int64_t dataset_classes(const Spec& spec) {
    return spec.stream.kind == "synthetic" ? spec.stream.classes_per_task : dataset(spec.stream.dataset).classes;
}

std::vector<int64_t> task_classes(const Spec& spec, int64_t t) {
    std::vector<int64_t> all(std::size_t(dataset_classes(spec)));
    std::iota(all.begin(), all.end(), 0);
    if (spec.stream.kind != "split") return all;
    if (!spec.stream.class_order.empty()) all = spec.stream.class_order;
    const auto first = all.begin() + t * spec.stream.classes_per_task;
    return {first, first + spec.stream.classes_per_task};
}

std::vector<int64_t> numbering(const Spec& spec, int64_t t) {
    std::vector<int64_t> head(256, -1);
    const auto classes = task_classes(spec, t);
    for (std::size_t place = 0; place < classes.size(); ++place) {
        const int64_t here = int64_t(place);
        int64_t& number = head[std::size_t(classes[place])];
        if (labels_shared(spec)) number = here;
        else if (spec.stream.kind == "split") number = classes[place];
        else number = t * int64_t(classes.size()) + here; // other streams show every class in every task: a head of its own for each
    }
    return head;
}

int64_t head_width(const Spec& spec) {
    if (labels_shared(spec)) return classes_in_task(spec);
    return spec.stream.kind == "split" ? dataset_classes(spec) : classes_in_task(spec) * task_count(spec);
}

std::vector<uint8_t> synthetic_labels(const Spec& spec, int64_t count) {
    std::vector<uint8_t> labels(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = uint8_t(int64_t(i) % spec.stream.classes_per_task);
    return labels;
}

Rows select_rows(const Spec& spec, const std::vector<uint8_t>& train_labels, const std::vector<uint8_t>& test_labels, const Limits& limits,
                 int64_t t) {
    const auto head = numbering(spec, t);
    std::vector<bool> validation, training; // empty: every row
    if (spec.stream.validation > 0) {
        validation = held_out(train_labels, spec.stream.validation);
        training = validation;
        training.flip();
    } else if (limits.validation) {
        throw std::runtime_error("benchmark " + spec.name + ": has no validation split; validation = 0.1 in [stream] would be right");
    }
    const int64_t most_train = smaller_limit(limits.train, spec.stream.train_examples);
    const int64_t most_test = smaller_limit(limits.test, spec.stream.test_examples);
    Rows rows{rows_of(train_labels, head, training, most_train),
              limits.validation ? rows_of(train_labels, head, validation, most_test) : rows_of(test_labels, head, {}, most_test)};
    if (rows.train.empty() || rows.test.empty())
        throw std::runtime_error("benchmark " + spec.name + ", task " + std::to_string(t + 1) + ": no " +
                                 (rows.train.empty() ? "training" : "test") + " example; at least one would be right");
    return rows;
}

} // namespace mneme::bench
