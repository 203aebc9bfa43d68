// SPDX-License-Identifier: Apache-2.0
// Augmented, noisy and online streams, streams that announce no task, and heads of very many
// classes, through whole runs.
#include "catch.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <base/error.hpp>
#include <benchmarks/random.hpp>

#include "support.hpp"

using namespace mneme::test;
using mneme::protocol::Json;
namespace bench = mneme::bench;
namespace fs = std::filesystem;

namespace {

std::string word(uint32_t v) { return {char(v >> 24), char(v >> 16), char(v >> 8), char(v)}; }

// A data set of a user's own: pictures of 6 x 6 in four classes, each a bright column or row at its
// edge.
class Pictures final {
  public:
    Pictures()
        : folder_(fs::temp_directory_path() / ("mneme-pictures-" + std::to_string(::getpid()))) {
        fs::create_directories(folder_);
        write("train", 122);
        write("test", 40);
    }
    ~Pictures() { fs::remove_all(folder_); }
    Pictures(const Pictures&) = delete;
    Pictures& operator=(const Pictures&) = delete;

    // Of example i, whose label is i mod 4.
    static uint32_t pixel(uint32_t i, uint32_t k) {
        const uint32_t label = i % 4, across = label < 2 ? k % 6 : k / 6;
        return across == (label % 2 ? 1u : 4u) ? 200 + (i * 7 + k) % 50 : (i * 31 + k * 17) % 90;
    }

    bench::Spec spec() const {
        bench::Spec spec = small_stream("task");
        spec.stream = {};
        spec.stream.kind = "split";
        spec.stream.dataset = "bars";
        spec.stream.classes_per_task = 2;
        spec.train.epochs = 2;
        bench::DatasetInfo info;
        info.name = "bars";
        info.classes = 4;
        info.shape = {6, 6};
        for (const char* file : {"train-x", "train-y", "test-x", "test-y"})
            info.files.push_back({file, 0, ""});
        info.default_folders = {folder_.string()};
        spec.datasets = {info};
        return spec;
    }

  private:
    void write(const std::string& part, uint32_t n) const {
        std::string pixels, labels;
        for (uint32_t i = 0; i < n; ++i) {
            const uint32_t label = i % 4;
            labels += char(label);
            for (uint32_t k = 0; k < 36; ++k) pixels += char(pixel(i, k));
        }
        std::ofstream(folder_ / (part + "-x"), std::ios::binary)
            << word(0x803) + word(n) + word(6) + word(6) + pixels;
        std::ofstream(folder_ / (part + "-y"), std::ios::binary) << word(0x801) + word(n) + labels;
    }

    fs::path folder_;
};

std::string refused(const mneme::protocol::Cell& c) {
    try {
        run(c);
    } catch (const mneme::base::ExitError& e) {
        return std::to_string(static_cast<int>(e.code())) + " " + e.what();
    }
    return "";
}

} // namespace

TEST_CASE("augmented runs: replicas, resume and repetition give the same bits", "[run]") {
    const Pictures pictures;
    auto plain = pictures.spec(), moved = plain;
    moved.augment = {2, true};
    std::string difference;
    const std::pair<const char*, Json> methods[] = {
        {"finetune", {}},
        {"er", {{"policy", "reservoir"}, {"memory", 20}}},
        {"importance", {{"measure", "siu"}}}};
    for (const auto& [plugin, options] : methods) { // importance draws a second batch
        INFO(plugin);
        const auto together = run(cell(plugin, moved, {1, 2, 3}, options));
        for (std::size_t r : {0u, 2u}) {
            const int64_t seed = int64_t(r) + 1;
            const auto alone = run(cell(plugin, moved, {seed}, options))[0];
            CHECK(same_facts(together[r], alone, difference));
            CHECK(same_facts(alone, run_stopped(cell(plugin, moved, {seed}, options))[0],
                             difference));
            CHECK(difference == "");
            const auto unmoved = run(cell(plugin, plain, {seed}, options))[0];
            CHECK(unmoved.train_loss.data != alone.train_loss.data);
            CHECK(unmoved.data_digest.data ==
                  alone.data_digest.data); // of the pictures as they are
            CHECK(unmoved.initial_correct.data == alone.initial_correct.data);
        }
    }
    auto crop = moved, flip = moved;
    crop.augment = {2, false}, flip.augment = {0, true};
    const auto loss = [](const bench::Spec& spec) {
        return run(cell("finetune", spec, {1}))[0].train_loss.data;
    };
    CHECK(loss(crop) != loss(flip));
    CHECK(loss(crop) != loss(moved));
}

TEST_CASE("the inputs of an augmented step are what the written places draw", "[run]") {
    const Pictures pictures;
    auto spec = pictures.spec();
    spec.augment = {2, true};
    constexpr int64_t task = 1, epoch = 1,
                      step = 9; // 6 steps an epoch: the fourth batch of the second one
    const auto got = inputs_of(cell("finetune", spec, {5}), task, step);
    std::vector<uint32_t> rows; // of the file: labels 2 and 3
    for (uint32_t i = 0; i < 122; ++i)
        if (i % 4 > 1) rows.push_back(i);
    const auto order = bench::permutation(int64_t(rows.size()), {5, bench::purpose("mneme/order")},
                                          {0, epoch, task * 256});
    std::vector<int64_t> crop(20), flip(10);
    bench::integers(20, 5, {5, bench::purpose("mneme/augment_crop")}, {0, step, task * 256},
                    crop.data());
    bench::integers(10, 2, {5, bench::purpose("mneme/augment_flip")}, {0, step, task * 256},
                    flip.data());
    std::vector<float> wanted;
    for (std::size_t b = 0; b < 10; ++b)
        for (int64_t k = 0; k < 36; ++k) {
            const int64_t row = k / 6 + crop[2 * b] - 2,
                          column = (flip[b] ? 5 - k % 6 : k % 6) + crop[2 * b + 1] - 2;
            const bool inside = row >= 0 && row < 6 && column >= 0 && column < 6;
            const auto example = rows[std::size_t(order[(step % 6) * 10 + b])];
            wanted.push_back(inside ? float(Pictures::pixel(example, uint32_t(row * 6 + column))) /
                                          255.0f
                                    : 0.0f);
        }
    CHECK(rows.size() == 60);
    CHECK(got == wanted);
}

TEST_CASE("threads leave an augmented batch as it is", "[run]") {
    const Pictures pictures;
    auto spec = pictures.spec();
    spec.augment = {2, true};
    auto two = cell("finetune", spec, {1});
    two.execution.threads = 2;
    std::string difference;
    CHECK(same_facts(run(cell("finetune", spec, {1}))[0], run(two)[0], difference));
    CHECK(difference == "");
}

TEST_CASE("wrong labels: other digests for other seeds, training alone sees them", "[run]") {
    const Pictures pictures;
    auto plain = pictures.spec(), noisy = plain;
    noisy.stream.label_noise = 0.4;
    const auto clean = run(cell("finetune", plain, {1}))[0],
               dirty = run(cell("finetune", noisy, {1}))[0],
               other = run(cell("finetune", noisy, {2}))[0];
    CHECK(clean.data_digest.data != dirty.data_digest.data);
    CHECK(dirty.data_digest.data != other.data_digest.data);
    CHECK(clean.n_evaluated.data == dirty.n_evaluated.data);
    CHECK(clean.initial_correct.data == dirty.initial_correct.data);
}

TEST_CASE("an online stream lets each example be passed once", "[run]") {
    const Pictures pictures;
    auto spec = pictures.spec();
    spec.stream.online = true;
    spec.train.epochs = 1;
    const auto b = run(cell("er", spec, {1}, {{"policy", "reservoir"}, {"memory", 20}}))[0];
    CHECK(b.outcome.at({0, 0}) == 0);
    CHECK(b.train_samples.at({0, 0, 0}) == 62);
    CHECK(
        refused(cell("mcsgd", spec, {1}, {{"line_batch", 10}}))
            .find("65 mcsgd, phases: passes the task's examples 2 times, and the stream is online; "
                  "pass them once") == 0);
    CHECK(refused(cell("finetune", spec, {1}, {}, {{"epochs", 3}})) ==
          "65 finetune, phases: passes the task's examples 3 times, and the stream is online; pass "
          "them once");
    CHECK(run(cell("joint", spec, {1}))[0].outcome.at({0, 0}) ==
          0); // an oracle looks back by its nature
}

TEST_CASE(
    "a stream that announces no task, unblurred, trains fine-tuning as the announced one does, bit "
    "for bit",
    "[run]") {
    const Json train = {{"reset_optimizer", false}, {"dropout", 0.0}, {"batch_size", 31}};
    for (const char* scenario : {"domain", "class"}) {
        auto announced = small_stream(scenario), hidden = announced; // 93 examples a task
        announced.train.epochs = hidden.train.epochs = 1;
        hidden.stream.boundaries = "hidden";
        const auto a = run(cell("finetune", announced, {1}, {}, train))[0],
                   b = run(cell("finetune", hidden, {1}, {}, train))[0];
        std::string difference;
        CHECK(same_facts(a, b, difference));
        CHECK(difference == "");
        CHECK(b.outcome.at({0, 0}) == 0);
        auto across = train;
        across["batch_size"] = 10; // batches hold rows of two tasks
        const auto c = run(cell("finetune", hidden, {1}, {}, across))[0];
        CHECK(c.optimizer_steps.at({0, 0, 0}) + c.optimizer_steps.at({0, 0, 1}) +
                  c.optimizer_steps.at({0, 0, 2}) ==
              28); // of 279 examples
        CHECK(c.train_samples.at({0, 0, 0}) == 100);
        CHECK(c.train_samples.at({0, 0, 2}) == 89);
    }
}

TEST_CASE(
    "a blurred stream: replicas and resume give the same bits, pixels of each seed's own included",
    "[run]") {
    const Pictures pictures;
    auto clusters = small_stream("class"), permuted = pictures.spec();
    permuted.stream.kind = "permuted";
    permuted.stream.classes_per_task = {};
    permuted.stream.tasks = 3;
    permuted.scenario.kind = "domain";
    permuted.augment = {};
    for (auto spec : {clusters, permuted}) {
        spec.stream.boundaries = "hidden";
        spec.stream.blur = 0.8;
        spec.train.epochs = 1;
        for (const auto& [plugin, options] : {std::pair<const char*, Json>{"finetune", {}},
                                              {"er", {{"policy", "reservoir"}, {"memory", 30}}}}) {
            INFO(plugin << " " << spec.stream.kind);
            std::string difference;
            const auto together = run(cell(plugin, spec, {1, 2, 3}, options));
            for (std::size_t r : {0u, 2u}) {
                const auto seed = static_cast<int64_t>(r) + 1;
                const auto alone = run(cell(plugin, spec, {seed}, options))[0];
                CHECK(same_facts(together[r], alone, difference));
                CHECK(difference == "");
                CHECK(same_facts(alone, run_stopped(cell(plugin, spec, {seed}, options))[0],
                                 difference));
                CHECK(difference == "");
                auto sharp = spec;
                sharp.stream.blur = 0;
                std::string blurred;
                CHECK_FALSE(
                    same_facts(alone, run(cell(plugin, sharp, {seed}, options))[0], blurred));
            }
        }
    }
}

TEST_CASE("a memory that fills at the end of a task is refused where none is announced", "[run]") {
    auto spec = small_stream();
    spec.stream.boundaries = "hidden";
    spec.train.epochs = 1;
    for (const char* policy : {"class_balanced", "ring"})
        CHECK(refused(cell("er", spec, {1}, {{"policy", policy}})) ==
              "65 policy: class_balanced and ring keep examples when a task ends, and this stream "
              "announces none; use \"reservoir\" where the method has it");
    CHECK(refused(cell("finetune", spec, {1}, {}, {{"epochs", 2}}))
              .find("65 finetune, phases: asks for epochs") == 0);
}

TEST_CASE("a confusion of more than 2^24 counts is left out", "[run]") {
    auto spec = small_stream("class", 7);
    spec.stream.classes_per_task = 256; // 7 x 1792 x 1792
    spec.stream.features = spec.stream.train_examples = spec.stream.test_examples = 256;
    spec.network.hidden = {4};
    spec.train.epochs = 1;
    const auto large = run(cell("finetune", spec, {1}))[0];
    CHECK(large.outcome.at({0, 0}) == 0);
    CHECK(large.confusion.empty());
    CHECK_FALSE(run(cell("finetune", small_stream("class"), {1}))[0].confusion.empty());
}
