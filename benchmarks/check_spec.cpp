// SPDX-License-Identifier: Apache-2.0
// Bounds and combinations of a benchmark's keys. Each check names its key; the caller knows the
// line.
#include <benchmarks/keys.hpp>
#include <benchmarks/network_kinds.hpp>
#include <benchmarks/tasks.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "task_examples.hpp"

namespace mneme::bench {

namespace {

constexpr int64_t most_tasks = 1000, most_examples = 10'000'000;

std::string number(double value) {
    char text[64];
    std::snprintf(text, sizeof text, "%.10g", value);
    return text;
}

// Keeps the first fault.
class Check final {
  public:
    bool sound() const { return !fault_; }
    const std::optional<SpecFault>& fault() const { return fault_; }

    void that(bool holds, const std::string& key, const std::string& message) {
        if (sound() && !holds) fault_ = {key, message};
    }
    // Words and bounds of every key of a table.
    void table(const std::string& name, const Spec& spec) {
        for (const Key& key : keys()) {
            if (key.table != name) continue;
            const std::string sentence = fault_of(key, spec);
            that(sentence.empty(), name + "." + key.name, sentence);
        }
    }
    void within(const std::string& key, double value, double low, double high) {
        const std::string name = key.substr(key.find('.') + 1);
        that(std::isfinite(value) && value >= low && value <= high, key,
             name + " is " + number(value) + "; expected " + number(low) + " to " + number(high));
    }
    void one_of(const std::string& key, const std::string& value,
                const std::vector<std::string>& words) {
        std::string list;
        for (const auto& word : words) list += (list.empty() ? "" : ", ") + word;
        const std::string name = key.substr(key.find('.') + 1);
        that(std::find(words.begin(), words.end(), value) != words.end(), key,
             name + " is \"" + value + "\"; expected one of " + list);
    }

  private:
    std::optional<SpecFault> fault_;
};

void check_rotated(const StreamSpec& s, Check& check) {
    check.within("stream.tasks", double(s.tasks), 1, most_tasks);
    check.within("stream.jitter", s.jitter, 0, 180);
    if (!s.linspace.empty()) {
        check.that(s.linspace.size() == 2, "stream.linspace",
                   "linspace has " + std::to_string(s.linspace.size()) +
                       " numbers; expected the first and the last angle in degrees");
        check.that(s.degrees_per_task == 0, "stream.linspace",
                   "linspace and degrees_per_task are both given; use one of them");
        for (double angle : s.linspace) check.within("stream.linspace", angle, -360, 360);
        return;
    }
    check.that(
        s.degrees_per_task != 0 || s.tasks == 1, "stream",
        "a rotated stream has no degrees_per_task and no linspace; expected degrees_per_task = 9.0 "
        "(or linspace = [0.0, 180.0])");
    check.within("stream.degrees_per_task", s.degrees_per_task, -180, 180);
    const double last = std::abs(s.degrees_per_task) * double(s.tasks - 1);
    check.that(
        last < 360, "stream.tasks",
        "tasks is " + std::to_string(s.tasks) + ", which at " + number(s.degrees_per_task) +
            " degrees a task turns past 360; expected " +
            (s.degrees_per_task == 0 ? std::string("1")
                                     : number(std::ceil(360 / std::abs(s.degrees_per_task)))) +
            " tasks at most");
}

// Counts of all tasks, one by one.
void check_listed_counts(const StreamSpec& s, int64_t classes, const std::string& of,
                         Check& check) {
    const auto& counts = s.classes_per_task.list;
    const std::string key = "stream.classes_per_task";
    for (int64_t count : counts) check.within(key, double(count), 1, double(classes));
    const int64_t sum = std::accumulate(counts.begin(), counts.end(), int64_t{0});
    check.that(sum <= classes, key,
               "classes_per_task sums to " + std::to_string(sum) + "; expected at most all" + of);
    check.within("stream.tasks", double(s.tasks), 0, double(counts.size()));
}

void check_counts(const StreamSpec& s, int64_t classes, Check& check) {
    const std::string of = " of the data set's " + std::to_string(classes) + " classes";
    if (!s.classes_per_task.list.empty()) return check_listed_counts(s, classes, of, check);
    const int64_t each = s.classes_per_task.each;
    check.within("stream.classes_per_task", double(each), 1, double(classes));
    if (!check.sound()) return;
    // Where `tasks` says how many, classes may be left over.
    check.that(classes % each == 0 || s.tasks > 0, "stream.classes_per_task",
               "classes_per_task is " + std::to_string(each) + "; expected a divisor" + of);
    check.within("stream.tasks", double(s.tasks), 0, double(classes / each));
}

void check_split(const StreamSpec& s, int64_t classes, Check& check) {
    check.that(s.classes_per_task.each != 0 || !s.classes_per_task.list.empty(), "stream",
               "a split stream has no classes_per_task; expected classes_per_task = 2");
    if (!check.sound()) return;
    check_counts(s, classes, check);
    const auto& order = s.class_order.list;
    if (order.empty()) return;
    std::set<int64_t> distinct(order.begin(), order.end());
    check.that(int64_t(order.size()) == classes && int64_t(distinct.size()) == classes &&
                   *distinct.begin() == 0 && *distinct.rbegin() == classes - 1,
               "stream.class_order",
               "class_order is not a permutation of the data set's " + std::to_string(classes) +
                   " classes; expected each of 0 to " + std::to_string(classes - 1) + " once");
}

void check_sequence(const Spec& spec, int64_t classes, Check& check) {
    const StreamSpec& s = spec.stream;
    const auto sets = datasets_of(spec);
    for (const auto& info : sets)
        check.that(info.values == sets[0].values, "stream.datasets",
                   "the values of " + info.name + " are " +
                       (info.is_numbers() ? "numbers" : "bytes") + " and those of " + sets[0].name +
                       " are not; expected one type");
    for (const auto& info : sets)
        check.that(input_shape(info) == input_shape(sets[0]), "stream.datasets",
                   "the images of " + info.name + " are of another size than those of " +
                       sets[0].name + "; expected one size");
    if (s.classes_per_task.each == 0 && s.classes_per_task.list.empty())
        return check.within("stream.tasks", double(s.tasks), 0, double(sets.size()));
    check_counts(s, classes, check);
}

void check_synthetic(const StreamSpec& s, Check& check) {
    check.that(s.dataset.empty(), "stream.dataset",
               "a synthetic stream is drawn in memory; remove dataset");
    check.that(s.normalise == Normalise::none, "stream.normalise",
               "a synthetic stream has no data set to normalise by; expected \"none\"");
    check.within("stream.tasks", double(s.tasks), 1, most_tasks);
    const double classes = double(s.classes_per_task.each);
    check.that(
        s.classes_per_task.list.empty(), "stream.classes_per_task",
        "classes_per_task is a list; expected one number for all tasks of a synthetic stream");
    check.within("stream.classes_per_task", classes, 2, 256);
    check.within("stream.features", double(s.features), classes,
                 65536); // a centre has an axis of its own
    check.that(s.separation > 0, "stream.separation",
               "separation is " + number(s.separation) + "; expected more than 0, at most 8");
    check.within("stream.separation", s.separation, 0, 8);
    check.within("stream.train_examples", double(s.train_examples), classes, double(most_examples));
    check.within("stream.test_examples", double(s.test_examples), classes, double(most_examples));
}

void check_texts(const Spec& spec, Check& check) {
    for (const auto& info : datasets_of(spec)) {
        if (!info.is_text()) continue;
        check.that(spec.stream.kind == StreamKind::split, "stream.kind",
                   "kind is \"" + spec.stream.kind + "\", but " + info.name +
                       " is a set of texts; expected \"split\"");
        check.that(spec.stream.normalise == Normalise::none, "stream.normalise",
                   "normalise is \"" + spec.stream.normalise + "\", but " + info.name +
                       " is a set of texts; expected \"none\"");
    }
}

void check_turned(const Spec& spec, Check& check) {
    for (const auto& info : datasets_of(spec))
        check.that(info.is_picture() && !info.is_numbers(), "stream.kind",
                   "kind is \"rotated\", but " + info.name + " holds " +
                       (info.is_numbers() ? "numbers" : "features") +
                       ", and only pictures of bytes are turned; expected \"permuted\" or "
                       "\"split\"");
}

void check_stream(const Spec& spec, Check& check) {
    const StreamSpec& s = spec.stream;
    check.table("stream", spec);
    check.that(s.blur == 0 || s.hidden(), "stream.blur",
               "blur is " + number(s.blur) +
                   " and the tasks are announced; expected boundaries = \"hidden\"");
    if (!check.sound()) return;
    if (s.kind == StreamKind::synthetic) return check_synthetic(s, check);
    std::vector<std::string> names;
    for (const auto& info : spec.datasets) names.push_back(info.name);
    if (s.kind == StreamKind::sequence) {
        check.that(!s.datasets.empty(), "stream",
                   "a sequence has no datasets; expected datasets = [\"cifar-10\", \"cifar-100\"]");
        for (const auto& name : s.datasets) check.one_of("stream.datasets", name, names);
    } else {
        check.one_of("stream.dataset", s.dataset, names);
    }
    if (!check.sound()) return;
    check_texts(spec, check);
    if (!check.sound()) return;
    if (s.kind == StreamKind::rotated) check_turned(spec, check);
    if (s.kind == StreamKind::rotated) check_rotated(s, check);
    if (s.kind == StreamKind::permuted)
        check.within("stream.tasks", double(s.tasks), 1, most_tasks);
    if (s.kind == StreamKind::split) check_split(s, dataset_classes(spec), check);
    if (s.kind == StreamKind::sequence) check_sequence(spec, dataset_classes(spec), check);
}

// Noise draws another class of the task.
void check_noise(const Spec& spec, Check& check) {
    if (!check.sound() || spec.stream.label_noise == 0) return;
    const auto counts = class_counts(spec);
    const int64_t fewest =
        counts.empty() ? dataset_classes(spec) : *std::min_element(counts.begin(), counts.end());
    check.that(fewest > 1, "stream.label_noise",
               "label_noise is " + number(spec.stream.label_noise) +
                   " and a task has one class; expected two or more");
}

void check_augment(const Spec& spec, Check& check) {
    if (!check.sound() || !spec.augment.any()) return;
    const auto sets = datasets_of(spec);
    check.that(
        !sets.empty() && spec.stream.kind != StreamKind::permuted, "augment",
        "[augment] in a stream without pictures (" + spec.stream.kind + "); remove [augment]");
    for (const auto& info : sets) {
        check.that(!info.is_text(), "augment",
                   "[augment], but " + info.name + " is a set of texts; remove [augment]");
        check.that(info.is_picture(), "augment",
                   "[augment], but " + info.name + " holds features; remove [augment]");
        const auto& shape = info.shape; // empty: as the file says
        check.within("augment.crop_padding", double(spec.augment.crop_padding), 0,
                     shape.empty() ? 64 : double(shape.back()));
    }
}

void check_network(const Spec& spec, Check& check) {
    const NetworkSpec& n = spec.network;
    check.table("network", spec);
    check.that(n.hidden.size() <= 32, "network.hidden",
               "hidden has " + std::to_string(n.hidden.size()) + " layers; expected 32 at most");
    check.that(n.norm != NormKind::group || n.nf % 4 == 0, "network.nf",
               "nf is " + std::to_string(n.nf) +
                   " with norm \"group\", which has 4 groups; expected a multiple of 4");
    check.that(n.shortcut_affine || (n.norm != NormKind::batch_frozen && n.norm != NormKind::none),
               "network.shortcut_affine",
               "shortcut_affine is false with norm \"" + n.norm +
                   "\", which has no scale and shift; remove shortcut_affine");
    if (!check.sound()) return;
    if (const auto fault = layer_fault(spec)) check.that(false, fault->key, fault->sentence);
}

} // namespace

std::optional<SpecFault> check_spec(const Spec& spec) {
    Check check;
    check_stream(spec, check);
    check.table("scenario", spec);
    check.table("augment", spec);
    check.that(spec.scenario.kind != ScenarioKind::class_ || spec.scenario.head == HeadKind::full,
               "scenario.head",
               "head is \"shared\" in a class scenario, which tells classes of all tasks apart; "
               "expected head = \"full\"");
    check.that(spec.scenario.kind == ScenarioKind::class_ || !spec.scenario.from_the_start(),
               "scenario.logits",
               "logits is \"all\" in a " + spec.scenario.kind +
                   " scenario, which has no classes to come; expected kind = \"class\", or remove "
                   "logits");
    check_noise(spec, check);
    check_augment(spec, check);
    check.that(!spec.stream.once() || spec.train.epochs.value_or(1) == 1, "train.epochs",
               "epochs is " + std::to_string(spec.train.epochs.value_or(1)) +
                   " and the stream shows each example once; expected 1");
    check.that(
        !spec.stream.hidden() || spec.scenario.kind != ScenarioKind::task, "scenario.kind",
        "scenario is \"task\" and the stream hides its tasks; expected \"domain\" or \"class\"");
    check_network(spec, check);
    return check.fault();
}

} // namespace mneme::bench
