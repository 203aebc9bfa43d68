// SPDX-License-Identifier: Apache-2.0
// Tasks: their names, classes and sizes; rotation maps; what a spec may not be.
#include "catch.hpp"
#include "support.hpp"

#include <benchmarks/tasks.hpp>

using namespace bench_test;

namespace {

// 100 training and 20 test images; labels 0..9 in turn.
Dataset ten_classes() {
    Dataset data;
    data.classes = 10;
    for (Images* part : {&data.train, &data.test}) {
        part->count = part == &data.train ? 100 : 20;
        part->rows = part->columns = 2;
        part->pixels.resize(std::size_t(part->count * 4));
        for (int64_t i = 0; i < part->count; ++i) part->labels.push_back(uint8_t(i % 10));
    }
    return data;
}

std::string fault_in(const Spec& spec) {
    std::string key;
    const std::string text = fault(spec, key);
    return text.empty() ? "" : key + ": " + text;
}

using Labels = std::vector<int64_t>;

} // namespace

TEST_CASE("a rotation by 0 is the identity, by quarter turns exact") {
    for (int64_t n : {2, 3, 16, 28}) {
        const auto none = rotation_map(n, n, 0), quarter = rotation_map(n, n, 90), half = rotation_map(n, n, 180),
                   three = rotation_map(n, n, 270), back = rotation_map(n, n, -90);
        bool right = true;
        for (int64_t r = 0; r < n; ++r)
            for (int64_t c = 0; c < n; ++c) {
                const std::size_t i = std::size_t(r * n + c);
                right &= none[i] == r * n + c;
                right &= quarter[i] == c * n + (n - 1 - r); // counter-clockwise: the right edge comes on top
                right &= half[i] == (n - 1 - r) * n + (n - 1 - c);
                right &= three[i] == (n - 1 - c) * n + r;
            }
        CHECK(right);
        CHECK(back == three);
    }
}

TEST_CASE("a rotation is counter-clockwise as displayed, and corners come from outside") {
    const auto map = rotation_map(28, 28, 45);
    CHECK(map.front() == -1);
    CHECK(map.back() == -1);
    // The middle of the top edge shows what stood at its right: towards the top right corner.
    const int64_t from = map[std::size_t(4 * 28 + 14)];
    CHECK(from / 28 < 10);
    CHECK(from % 28 > 18);
    // Whatever the angle, a disc of radius 13 stays whole and no source is outside the picture.
    for (double angle : {1.0, 9.0, 36.0, 63.0, 171.0, -20.0}) {
        const auto turned = rotation_map(28, 28, angle);
        bool inside = true, whole = true;
        for (int64_t i = 0; i < 784; ++i) {
            const double y = double(i / 28) - 13.5, x = double(i % 28) - 13.5;
            inside &= turned[std::size_t(i)] >= -1 && turned[std::size_t(i)] < 784;
            if (x * x + y * y < 13 * 13) whole &= turned[std::size_t(i)] >= 0;
        }
        CHECK(inside);
        CHECK(whole);
    }
}

TEST_CASE("a rotated grid that is not square turns about its own middle") {
    const auto half = rotation_map(2, 4, 180);
    CHECK(half == std::vector<int64_t>{7, 6, 5, 4, 3, 2, 1, 0});
    CHECK(rotation_map(2, 4, 90) == std::vector<int64_t>{-1, 2, 6, -1, -1, 1, 5, -1});
}

TEST_CASE("names of tasks") {
    CHECK(task_names(fashion("rotated", 3)) == std::vector<std::string>{"01 rotation 0", "02 rotation 9", "03 rotation 18"});
    CHECK(task_names(fashion("permuted", 2)) == std::vector<std::string>{"01 plain", "02 permutation"});
    auto spec = fashion("permuted", 2);
    spec.stream.first_task = "permuted";
    CHECK(task_names(spec) == std::vector<std::string>{"01 permutation", "02 permutation"});
    CHECK(task_names(fashion("split", 0)) ==
          std::vector<std::string>{"01 classes 0 1", "02 classes 2 3", "03 classes 4 5", "04 classes 6 7", "05 classes 8 9"});
    spec = fashion("rotated", 20);
    spec.stream.degrees_per_task = 0;
    spec.stream.linspace = {0, 180};
    const auto names = task_names(spec);
    CHECK(names[1] == "02 rotation 9.47368");
    CHECK(names[19] == "20 rotation 180");
    CHECK(task_names(fashion("permuted", 100))[98] == "099 permutation");
    CHECK(task_names(clusters())[2] == "03 clusters");
}

TEST_CASE("classes in the head's numbering, and its width") {
    const Dataset data = ten_classes();
    const auto classes = [&](const Spec& spec) {
        std::vector<Labels> all;
        for (const auto& task : describe_tasks(spec, &data, {})) all.push_back(task.classes);
        return all;
    };
    auto split = fashion("split", 2);
    CHECK(classes(split) == std::vector<Labels>{{0, 1}, {0, 1}}); // domain: the same classes in every task
    CHECK(head_width(split) == 2);
    split.scenario.kind = "class";
    CHECK(classes(split) == std::vector<Labels>{{0, 1}, {2, 3}});
    CHECK(head_width(split) == 10);
    split.stream.class_order = {9, 4, 0, 1, 2, 3, 5, 6, 7, 8};
    CHECK(classes(split) == std::vector<Labels>{{9, 4}, {0, 1}});
    CHECK(task_names(split)[0] == "01 classes 9 4");
    split.scenario = {"task", "shared"};
    CHECK(classes(split) == std::vector<Labels>{{0, 1}, {0, 1}});
    CHECK(head_width(split) == 2);

    auto permuted = fashion("permuted", 3);
    CHECK(head_width(permuted) == 10);
    permuted.scenario = {"task", "shared"};
    CHECK(head_width(permuted) == 10);
    permuted.scenario = {"task", "full"}; // a head of its own for each task
    CHECK(head_width(permuted) == 30);
    CHECK(classes(permuted)[2] == Labels{20, 21, 22, 23, 24, 25, 26, 27, 28, 29});
    CHECK(head_width(clusters()) == 2);
    CHECK(head_width(clusters("class")) == 6);
}

TEST_CASE("sizes: limits, the spec's own, and the validation split") {
    const Dataset data = ten_classes();
    const auto sizes = [&](const Spec& spec, const Limits& limits) {
        const auto task = describe_tasks(spec, &data, limits)[1];
        return std::pair{task.train_count, task.test_count};
    };
    auto spec = fashion("split", 0);
    CHECK(sizes(spec, {}) == std::pair<int64_t, int64_t>{20, 4});
    CHECK(sizes(spec, {7, 3, false}) == std::pair<int64_t, int64_t>{7, 3});
    spec.stream.train_examples = 5;
    CHECK(sizes(spec, {7, 3, false}) == std::pair<int64_t, int64_t>{5, 3});
    spec.stream.train_examples = 0;
    spec.stream.validation = 0.1; // one of ten of each class
    CHECK(sizes(spec, {}) == std::pair<int64_t, int64_t>{18, 4});
    CHECK(sizes(spec, {0, 0, true}) == std::pair<int64_t, int64_t>{18, 2});
    CHECK(sizes(fashion("rotated", 2), {8000, 0, false}) == std::pair<int64_t, int64_t>{100, 20});
    CHECK(fault_of([&] {
              describe_tasks(fashion("rotated", 2), &data, {0, 0, true});
          }) == "benchmark test: has no validation split; validation = 0.1 in [stream] would be right");
    CHECK(describe_tasks(clusters(), nullptr, {50, 0, false})[2].train_count == 50);
}

TEST_CASE("what cannot be built is named with its key") {
    CHECK(fault_in(fashion("rotated", 20)).empty());
    CHECK(fault_in(fashion("split", 0)).empty());
    CHECK(fault_in(clusters("class")).empty());
    const auto with = [](auto change, Spec spec) {
        change(spec);
        return fault_in(spec);
    };
    CHECK(fault_in(fashion("rotated", 41)) ==
          "stream.tasks: tasks is 41, which at 9 degrees a task turns past 360; 40 tasks at most would be right");
    CHECK(fault_in(fashion("rotated", 0)) == "stream.tasks: tasks is 0; 1 to 1000 would be right");
    CHECK(with([](Spec& s) { s.stream.degrees_per_task = 0; }, fashion("rotated", 2)) ==
          "stream: a rotated stream has no degrees_per_task and no linspace; degrees_per_task = 9.0 (or linspace = [0.0, 180.0]) would be "
          "right");
    CHECK(with(
              [](Spec& s) {
                  s.stream.linspace = {0, 180};
              },
              fashion("rotated", 2)) == "stream.linspace: linspace and degrees_per_task are both given; one of them would be right");
    CHECK(with(
              [](Spec& s) {
                  s.stream.linspace = {0, 90, 180};
              },
              fashion("rotated", 2)) == "stream.linspace: linspace has 3 numbers; the first and the last angle in degrees would be right");
    CHECK(with([](Spec& s) { s.stream.dataset = "imagenet"; }, fashion("rotated", 2)) ==
          "stream.dataset: dataset is \"imagenet\"; one of mnist, fashion-mnist, usps would be right");
    CHECK(with([](Spec& s) { s.stream.classes_per_task = 3; }, fashion("split", 0)) ==
          "stream.classes_per_task: classes_per_task is 3; a divisor of the data set's 10 classes would be right");
    CHECK(with([](Spec& s) { s.stream.classes_per_task = 0; }, fashion("split", 0)) ==
          "stream: a split stream has no classes_per_task; classes_per_task = 2 would be right");
    CHECK(fault_in(fashion("split", 6)) == "stream.tasks: tasks is 6; 0 to 5 would be right");
    for (Labels order : {Labels{0, 1, 2}, Labels{0, 0, 1, 2, 3, 4, 5, 6, 7, 8}, Labels{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}})
        CHECK(with([&](Spec& s) { s.stream.class_order = order; }, fashion("split", 0)) ==
              "stream.class_order: class_order is no permutation of the data set's 10 classes; each of 0 to 9 once would be right");
    CHECK(with([](Spec& s) { s.stream.validation = 0.95; }, fashion("split", 0)) ==
          "stream.validation: validation is 0.95; 0 to 0.9 would be right");
    CHECK(with([](Spec& s) { s.stream.kind = "shuffled"; }, fashion("split", 0)) ==
          "stream.kind: kind is \"shuffled\"; one of rotated, permuted, split, synthetic would be right");
    CHECK(with([](Spec& s) { s.stream.features = 1; }, clusters()) == "stream.features: features is 1; 2 to 65536 would be right");
    CHECK(with([](Spec& s) { s.stream.separation = 0; }, clusters()) ==
          "stream.separation: separation is 0; more than 0, at most 8 would be right");
    CHECK(with([](Spec& s) { s.stream.normalise = "dataset"; }, clusters()) ==
          "stream.normalise: a synthetic stream has no data set to normalise by; \"none\" would be right");
    CHECK(with(
              [](Spec& s) {
                  s.scenario = {"class", "shared"};
              },
              fashion("split", 0)) ==
          "scenario.head: head is \"shared\" in a class scenario, which tells classes of all tasks apart; head = \"full\" would be right");
    CHECK(with(
              [](Spec& s) {
                  s.network.hidden = {256, 0};
              },
              fashion("split", 0)) == "network.hidden: hidden is 0; 1 to 65536 would be right");
    CHECK(with([](Spec& s) { s.network.kind = "resnet"; }, fashion("split", 0)) ==
          "network.kind: kind is \"resnet\"; one of mlp would be right");
}
