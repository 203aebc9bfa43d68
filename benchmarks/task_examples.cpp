// SPDX-License-Identifier: Apache-2.0
#include "task_examples.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include <benchmarks/random.hpp>

#include "limits.hpp"

namespace mneme::bench {

namespace {

// One set of labels for all tasks: theirs are numbered by their place in the task.
bool labels_shared(const Spec& spec) {
    return spec.scenario.head == HeadKind::shared || spec.scenario.kind == ScenarioKind::domain;
}

int64_t first_class(const std::vector<int64_t>& counts, int64_t t) {
    return std::accumulate(counts.begin(), counts.begin() + t, int64_t{0});
}

// Rows whose class the task has and that are allowed.
std::vector<int64_t> rows_of(const Labels& labels, const std::vector<int64_t>& head,
                             const std::vector<bool>& allowed) {
    std::vector<int64_t> rows;
    for (std::size_t i = 0; i < labels.size(); ++i)
        if (head[labels[i]] >= 0 && (allowed.empty() || allowed[i])) rows.push_back(int64_t(i));
    return rows;
}

// Of each class's `allowed` rows the first in file order stay: n(c) imbalance^(-rank / (classes -
// 1)), rounded down, at least one. The rank of a class is its place in the permutation from the
// purpose "mneme/imbalance" of the seed, call 0, step 0, task 0.
void thin_out(const Spec& spec, const Labels& labels, int64_t seed, std::vector<bool>& allowed) {
    const int64_t classes = dataset_classes(spec);
    const auto order =
        permutation(classes, {uint32_t(seed), purpose("mneme/imbalance")}, {0, 0, 0});
    std::vector<int64_t> left(std::size_t(classes), 0);
    if (allowed.empty()) allowed.assign(labels.size(), true);
    for (std::size_t i = 0; i < labels.size(); ++i) left[labels[i]] += allowed[i];
    for (int64_t rank = 0; rank < classes; ++rank) {
        int64_t& count = left[std::size_t(order[std::size_t(rank)])];
        const double share =
            classes == 1 ? 1.0
                         : std::pow(spec.stream.imbalance, -double(rank) / double(classes - 1));
        count = std::max<int64_t>(1, int64_t(double(count) * share + 1e-9));
    }
    for (std::size_t i = 0; i < labels.size(); ++i)
        allowed[i] = allowed[i] && left[labels[i]]-- > 0;
}

// The last `share` of each class in file order.
std::vector<bool> held_out(const Labels& labels, double share) {
    std::vector<int64_t> left(std::size_t{1} << 16, 0);
    for (uint16_t label : labels) ++left[label];
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

bool splits_classes(const Spec& spec) {
    return spec.stream.kind == StreamKind::split || spec.stream.kind == StreamKind::sequence;
}

bool seeds_differ(const Spec& spec) {
    return spec.stream.class_order.seeded || spec.stream.label_noise > 0 ||
           spec.stream.imbalance > 1;
}

std::vector<int64_t> class_counts(const Spec& spec) {
    const StreamSpec& s = spec.stream;
    if (!splits_classes(spec)) return {};
    std::vector<int64_t> counts = s.classes_per_task.list;
    if (counts.empty() && s.classes_per_task.each == 0)
        for (const auto& info : datasets_of(spec)) counts.push_back(info.classes);
    if (counts.empty())
        counts.assign(std::size_t(dataset_classes(spec) / s.classes_per_task.each),
                      s.classes_per_task.each);
    if (s.tasks > 0) counts.resize(std::size_t(s.tasks));
    return counts;
}

int64_t task_count(const Spec& spec) {
    return splits_classes(spec) ? int64_t(class_counts(spec).size()) : spec.stream.tasks;
}

int64_t dataset_classes(const Spec& spec) {
    if (spec.stream.kind == StreamKind::synthetic) return spec.stream.classes_per_task.each;
    int64_t sum = 0;
    for (const auto& info : datasets_of(spec)) sum += info.classes;
    return sum;
}

std::vector<int64_t> task_classes(const Spec& spec, int64_t t, int64_t seed) {
    std::vector<int64_t> all(std::size_t(dataset_classes(spec)));
    std::iota(all.begin(), all.end(), 0);
    if (!splits_classes(spec)) return all;
    const ClassOrder& order = spec.stream.class_order;
    if (!order.list.empty()) all = order.list;
    if (order.seeded)
        all =
            permutation(int64_t(all.size()), {uint32_t(seed), purpose("mneme/stream")}, {0, 0, 0});
    const auto counts = class_counts(spec);
    const auto first = all.begin() + first_class(counts, t);
    return {first, first + counts[std::size_t(t)]};
}

std::vector<int64_t> numbering(const Spec& spec, int64_t t, int64_t seed) {
    std::vector<int64_t> head(std::size_t(dataset_classes(spec)), -1);
    const auto classes = task_classes(spec, t, seed);
    const bool by_place = spec.stream.class_order.seeded;
    const int64_t before =
        by_place ? first_class(class_counts(spec), t) : t * int64_t(classes.size());
    for (std::size_t place = 0; place < classes.size(); ++place) {
        const int64_t here = int64_t(place);
        int64_t& number = head[std::size_t(classes[place])];
        if (labels_shared(spec)) number = here;
        else if (splits_classes(spec) && !by_place) number = classes[place];
        else
            number =
                before +
                here; // other streams show every class in every task: a head of its own for each
    }
    return head;
}

std::vector<int64_t> class_map(const Spec& spec, int64_t seed) {
    std::vector<int64_t> map = numbering(spec, 0, seed);
    // Other streams show every class in every task, numbered alike or one task behind the other.
    for (int64_t t = 1; splits_classes(spec) && t < task_count(spec); ++t) {
        const auto head = numbering(spec, t, seed);
        for (std::size_t c = 0; c < map.size(); ++c)
            if (head[c] >= 0) map[c] = head[c];
    }
    return map;
}

int64_t head_width(const Spec& spec) {
    const auto counts = class_counts(spec);
    if (labels_shared(spec))
        return counts.empty() ? dataset_classes(spec)
                              : *std::max_element(counts.begin(), counts.end());
    if (spec.stream.kind == StreamKind::sequence)
        return first_class(counts, int64_t(counts.size()));
    return splits_classes(spec) ? dataset_classes(spec) : dataset_classes(spec) * task_count(spec);
}

double chance(const Spec& spec) {
    if (spec.scenario.kind != ScenarioKind::task || spec.scenario.head != HeadKind::full)
        return 1.0 / double(head_width(spec));
    const auto counts = class_counts(spec);
    if (counts.empty()) return 1.0 / double(dataset_classes(spec));
    if (std::equal(counts.begin() + 1, counts.end(), counts.begin()))
        return 1.0 / double(counts[0]);
    double sum = 0;
    for (int64_t count : counts) sum += 1.0 / double(count);
    return sum / double(counts.size());
}

Labels training_labels(const Spec& spec, const Labels& labels, const std::vector<int64_t>& rows,
                       int64_t t, int64_t seed) {
    const auto classes = task_classes(spec, t, seed);
    const PhiloxKey key{uint32_t(seed), purpose("mneme/label_noise")};
    const auto word = [&](int64_t i, uint32_t call) {
        return philox(key, uint32_t(i / 4), {call, 0, uint32_t(t) * 256}).v[i % 4];
    };
    Labels out;
    out.reserve(rows.size());
    for (int64_t i : rows) {
        uint16_t label = labels[std::size_t(i)];
        if (spec.stream.label_noise > 0 &&
            double(uniform_of(word(i, 0))) < spec.stream.label_noise) {
            const int64_t own = std::find(classes.begin(), classes.end(), label) - classes.begin();
            const int64_t other = integer_of(word(i, 1), uint32_t(classes.size() - 1));
            label = uint16_t(classes[std::size_t(other + (other >= own))]);
        }
        out.push_back(label);
    }
    return out;
}

Labels synthetic_labels(const Spec& spec, int64_t count) {
    Labels labels(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < labels.size(); ++i)
        labels[i] = uint16_t(int64_t(i) % spec.stream.classes_per_task.each);
    return labels;
}

Rows select_rows(const Spec& spec, const Labels& train_labels, const Labels& test_labels,
                 const Limits& limits, int64_t t, int64_t seed) {
    const auto head = numbering(spec, t, seed);
    std::vector<bool> validation, training; // empty: every row
    if (spec.stream.validation > 0) {
        validation = held_out(train_labels, spec.stream.validation);
        training = validation;
        training.flip();
    } else if (limits.validation) {
        throw std::runtime_error(
            "benchmark " + spec.name +
            ": has no validation split; expected validation = 0.1 in [stream]");
    }
    if (spec.stream.imbalance > 1) thin_out(spec, train_labels, seed, training);
    const int64_t most_train = smaller_limit(limits.train, spec.stream.train_examples);
    const int64_t most_test = smaller_limit(limits.test, spec.stream.test_examples);
    const std::string task = "benchmark " + spec.name + ", task " + std::to_string(t + 1);
    const Labels& evaluated = limits.validation ? train_labels : test_labels;
    if (!limits.validation) validation.clear();
    Rows rows{limited_rows(train_labels, rows_of(train_labels, head, training), most_train, task),
              limited_rows(evaluated, rows_of(evaluated, head, validation), most_test, task)};
    if (rows.train.empty() || rows.test.empty())
        throw std::runtime_error(task + ": no " +
                                 (rows.train.empty()  ? "training"
                                  : limits.validation ? "validation"
                                                      : "test") +
                                 " example is left; expected at least one");
    return rows;
}

} // namespace mneme::bench
