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
        for (int64_t i = 0; i < part->count; ++i) part->labels.push_back(uint16_t(i % 10));
    }
    return data;
}

using Classes = std::vector<int64_t>;

} // namespace

TEST_CASE("a rotation by 0 is the identity, by quarter turns exact") {
    for (int64_t n : {2, 3, 16, 28}) {
        const auto none = rotation_map(n, n, 0), quarter = rotation_map(n, n, 90),
                   half = rotation_map(n, n, 180), three = rotation_map(n, n, 270),
                   back = rotation_map(n, n, -90);
        bool right = true;
        for (int64_t r = 0; r < n; ++r)
            for (int64_t c = 0; c < n; ++c) {
                const std::size_t i = std::size_t(r * n + c);
                right &= none[i] == r * n + c;
                right &= quarter[i] ==
                         c * n + (n - 1 - r); // counter-clockwise: the right edge comes on top
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
    CHECK(task_names(fashion("rotated", 3)) ==
          std::vector<std::string>{"01 rotation 0", "02 rotation 9", "03 rotation 18"});
    CHECK(task_names(fashion("permuted", 2)) ==
          std::vector<std::string>{"01 plain", "02 permutation"});
    auto spec = fashion("permuted", 2);
    spec.stream.first_task = "permuted";
    CHECK(task_names(spec) == std::vector<std::string>{"01 permutation", "02 permutation"});
    CHECK(task_names(fashion("split", 0)) ==
          std::vector<std::string>{"01 classes 0 1", "02 classes 2 3", "03 classes 4 5",
                                   "04 classes 6 7", "05 classes 8 9"});
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
        std::vector<Classes> all;
        for (const auto& task : describe_tasks(spec, &data, {})) all.push_back(task.classes);
        return all;
    };
    auto split = fashion("split", 2);
    CHECK(classes(split) ==
          std::vector<Classes>{{0, 1}, {0, 1}}); // domain: the same classes in every task
    CHECK(head_width(split) == 2);
    split.scenario.kind = "class";
    CHECK(classes(split) == std::vector<Classes>{{0, 1}, {2, 3}});
    CHECK(head_width(split) == 10);
    split.stream.class_order = {9, 4, 0, 1, 2, 3, 5, 6, 7, 8};
    CHECK(classes(split) == std::vector<Classes>{{9, 4}, {0, 1}});
    CHECK(task_names(split)[0] == "01 classes 9 4");
    split.scenario = {"task", "shared"};
    CHECK(classes(split) == std::vector<Classes>{{0, 1}, {0, 1}});
    CHECK(head_width(split) == 2);

    auto permuted = fashion("permuted", 3);
    CHECK(head_width(permuted) == 10);
    permuted.scenario = {"task", "shared"};
    CHECK(head_width(permuted) == 10);
    permuted.scenario = {"task", "full"}; // a head of its own for each task
    CHECK(head_width(permuted) == 30);
    CHECK(classes(permuted)[2] == Classes{20, 21, 22, 23, 24, 25, 26, 27, 28, 29});
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
          }) == "benchmark test: has no validation split; expected validation = 0.1 in [stream]");
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
          "stream.tasks: tasks is 41, which at 9 degrees a task turns past 360; expected 40 tasks "
          "at most");
    CHECK(fault_in(fashion("rotated", 0)) == "stream.tasks: tasks is 0; expected 1 to 1000");
    CHECK(with([](Spec& s) { s.stream.degrees_per_task = 0; }, fashion("rotated", 2)) ==
          "stream: a rotated stream has no degrees_per_task and no linspace; expected "
          "degrees_per_task = "
          "9.0 (or linspace = [0.0, 180.0])");
    CHECK(with(
              [](Spec& s) {
                  s.stream.linspace = {0, 180};
              },
              fashion("rotated", 2)) ==
          "stream.linspace: linspace and degrees_per_task are both given; use one of them");
    CHECK(with(
              [](Spec& s) {
                  s.stream.linspace = {0, 90, 180};
              },
              fashion("rotated", 2)) ==
          "stream.linspace: linspace has 3 numbers; expected the first and the last angle in "
          "degrees");
    CHECK(with([](Spec& s) { s.stream.dataset = "imagenet"; }, fashion("rotated", 2)) ==
          "stream.dataset: dataset is \"imagenet\"; expected one of mnist, fashion-mnist, usps, "
          "cifar-10, "
          "cifar-100, omniglot, omniglot-32, "
          "clinc150, banking77, tiny-imagenet, digits, cifar-100-features");
    CHECK(with([](Spec& s) { s.stream.classes_per_task = 3; }, fashion("split", 0)) ==
          "stream.classes_per_task: classes_per_task is 3; expected a divisor of the data set's 10 "
          "classes");
    CHECK(with([](Spec& s) { s.stream.classes_per_task = 0; }, fashion("split", 0)) ==
          "stream: a split stream has no classes_per_task; expected classes_per_task = 2");
    CHECK(fault_in(fashion("split", 6)) == "stream.tasks: tasks is 6; expected 0 to 5");
    for (Classes order : {Classes{0, 1, 2}, Classes{0, 0, 1, 2, 3, 4, 5, 6, 7, 8},
                          Classes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}})
        CHECK(with([&](Spec& s) { s.stream.class_order = order; }, fashion("split", 0)) ==
              "stream.class_order: class_order is not a permutation of the data set's 10 classes; "
              "expected each of 0 to 9 once");
    CHECK(with([](Spec& s) { s.stream.validation = 0.95; }, fashion("split", 0)) ==
          "stream.validation: validation is 0.95; expected 0 to 0.9");
    CHECK(with([](Spec& s) { s.stream.kind = "shuffled"; }, fashion("split", 0)) ==
          "stream.kind: kind is \"shuffled\"; expected one of rotated, permuted, split, sequence, "
          "synthetic");
    CHECK(with([](Spec& s) { s.stream.features = 1; }, clusters()) ==
          "stream.features: features is 1; expected 2 to 65536");
    CHECK(with([](Spec& s) { s.stream.separation = 0; }, clusters()) ==
          "stream.separation: separation is 0; expected more than 0, at most 8");
    CHECK(
        with([](Spec& s) { s.stream.normalise = "dataset"; }, clusters()) ==
        "stream.normalise: a synthetic stream has no data set to normalise by; expected \"none\"");
    CHECK(with(
              [](Spec& s) {
                  s.scenario = {"class", "shared"};
              },
              fashion("split", 0)) ==
          "scenario.head: head is \"shared\" in a class scenario, which tells classes of all tasks "
          "apart; expected head = \"full\"");
    CHECK(with([](Spec& s) { s.scenario.logits = "all"; }, fashion("split", 0)) ==
          "scenario.logits: logits is \"all\" in a domain scenario, which has no classes to come; "
          "expected kind = \"class\", or remove logits");
    CHECK(with(
              [](Spec& s) {
                  s.network.hidden = {256, 0};
              },
              fashion("split", 0)) == "network.hidden: hidden is 0; expected 1 to 65536");
    CHECK(with([](Spec& s) { s.network.kind = "resnet"; }, fashion("split", 0)) ==
          "network.kind: kind is \"resnet\"; expected one of mlp, zenke-cnn, resnet18, text-cnn, "
          "linear, vit, layers");
}

TEST_CASE("tasks of unequal sizes, and classes that are left over") {
    const Dataset data = ten_classes();
    auto spec = fashion("split", 0);
    spec.stream.classes_per_task = Classes{5, 2, 1};
    CHECK(fault_in(spec).empty());
    CHECK(task_names(spec) ==
          std::vector<std::string>{"01 classes 0 1 2 3 4", "02 classes 5 6", "03 classes 7"});
    CHECK(head_width(spec) == 5); // domain: the largest task's
    spec.scenario.kind = "task";
    CHECK(head_width(spec) == 10);
    CHECK(describe_tasks(spec, &data, {})[1].classes == Classes{5, 6});
    CHECK(describe_tasks(spec, &data, {})[0].train_count == 50);
    CHECK(chance(spec) == Approx((1.0 / 5 + 1.0 / 2 + 1) / 3));
    spec.stream.classes_per_task = Classes{5, 2, 4};
    CHECK(fault_in(spec) ==
          "stream.classes_per_task: classes_per_task sums to 11; expected at most all of the data "
          "set's 10 "
          "classes");
    spec.stream.classes_per_task = Classes{5, 0};
    CHECK(fault_in(spec) == "stream.classes_per_task: classes_per_task is 0; expected 1 to 10");
    spec = fashion("split", 3);
    spec.stream.classes_per_task = 3; // one class is in no task
    CHECK(fault_in(spec).empty());
    CHECK(task_names(spec).size() == 3);
    CHECK(chance(spec) == Approx(1.0 / 3));
}

TEST_CASE("an order of classes drawn for each seed moves examples, not the head's numbers") {
    const Dataset data = ten_classes();
    auto spec = fashion("split", 0);
    spec.stream.class_order.seeded = true;
    spec.scenario.kind = "class";
    CHECK(seeds_differ(spec));
    CHECK(!seeds_differ(fashion("split", 0)));
    CHECK(task_names(spec)[1] == "02 2 classes by seed");
    for (int64_t seed : {1, 2, 3})
        CHECK(describe_tasks(spec, &data, {}, seed)[1].classes.size() == 2);
    std::vector<int64_t> numbers;
    for (const auto& task : describe_tasks(spec, &data, {}, 7))
        for (int64_t c : task.classes) numbers.push_back(c);
    CHECK(numbers == Classes{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("a sequence of data sets: one task each, or cut as a split") {
    auto spec = fashion("sequence", 0);
    spec.stream.dataset.clear();
    CHECK(fault_in(spec) ==
          "stream: a sequence has no datasets; expected datasets = [\"cifar-10\", \"cifar-100\"]");
    spec.stream.datasets = {"mnist", "fashion-mnist"};
    CHECK(fault_in(spec).empty());
    CHECK(task_names(spec) == std::vector<std::string>{"01 mnist", "02 fashion-mnist"});
    CHECK(head_width(spec) == 10);
    spec.scenario.kind = "class";
    CHECK(head_width(spec) == 20);
    spec.stream.datasets = {"mnist", "usps"};
    CHECK(fault_in(spec) ==
          "stream.datasets: the images of usps are of another size than those of mnist; expected "
          "one size");
    spec.stream.datasets = {"cifar-10", "cifar-100"};
    spec.stream.classes_per_task = 10;
    spec.stream.tasks = 6;
    CHECK(fault_in(spec).empty());
    CHECK(task_names(spec)[0] == "01 cifar-10");
    CHECK(task_names(spec)[5] == "06 cifar-100 classes 40 to 49");
    CHECK(head_width(spec) == 60);
    CHECK(input_shape(spec) == Classes{3, 32, 32});
    spec.stream.datasets = {"cifar-10", "cifar-1000"};
    CHECK(fault_in(spec).rfind(
              "stream.datasets: datasets is \"cifar-1000\"; expected one of mnist, ", 0) == 0);
}

TEST_CASE("jitter and interpolation") {
    auto spec = fashion("rotated", 2);
    spec.stream.jitter = 9;
    spec.stream.interpolation = "bilinear";
    CHECK(fault_in(spec).empty());
    CHECK(task_names(spec) ==
          std::vector<std::string>{"01 rotation 0 less up to 9", "02 rotation 9 less up to 9"});
    CHECK(input_shape(spec) == (Classes{1, 28, 28}));
    spec.stream.jitter = -1;
    CHECK(fault_in(spec) == "stream.jitter: jitter is -1; expected 0 to 180");
    spec.stream.jitter = 0;
    spec.stream.interpolation = "cubic";
    CHECK(fault_in(spec) ==
          "stream.interpolation: interpolation is \"cubic\"; expected one of nearest, bilinear");
}
