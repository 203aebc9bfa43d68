// SPDX-License-Identifier: Apache-2.0
// Steps that are recorded once and played again, with a tape for a graph: it plays by doing again,
// in memory that was the same all along, what was recorded. And what a device that is asked late
// changes: nothing.
#include "torch_catch.hpp"

#include <filesystem>
#include <map>
#include <random>

#include <fcntl.h>

#include "cases.hpp"
#include "host/handle.hpp"
#include "host/ones.hpp"
#include "worker/cell_halves.hpp"
#include "worker/logit_scores.hpp"
#include "worker/runner.hpp"

using namespace mneme;
using namespace mneme::test;
using harness::ExecutionMode;
using protocol::Json;

namespace {

int64_t recordings = 0, plays = 0;

class Tape : public host::Graph {
  public:
    void record(const std::function<void()>& body) override { ++recordings, body_ = body; }
    void play() override { ++plays, body_(); }

  protected:
    std::function<void()> body_;
};

class Deaf final : public Tape { // plays nothing
    void play() override {}
};

class Strict final : public Tape { // finds while recording what a graph would
    void record(const std::function<void()>& body) override {
        body();
        Tape::record(body);
    }
};

class Cramped final : public Tape { // has no room for what a recording keeps
    void record(const std::function<void()>&) override {
        throw mneme::Error("out of memory", MNEME_MEMORY);
    }
};

template <class T> ExecutionMode taped(bool late = true) {
    return {[] { return std::make_unique<T>(); }, late, {}};
}

std::string graphs(const std::vector<results::Block>& blocks) {
    return blocks[0].provenance.begin()->second.at("graphs");
}

protocol::Cell plain(const std::string& plugin = "finetune") {
    return cell(plugin, small_stream(), {1, 2});
}

void check_same(const std::vector<results::Block>& a, const std::vector<results::Block>& b) {
    REQUIRE(a.size() == b.size());
    for (std::size_t r = 0; r < a.size(); ++r) {
        std::string difference;
        CHECK(same_facts(a[r], b[r], difference));
        CHECK(difference == "");
    }
}

} // namespace

TEST_CASE("a step recorded and played is the step called, for every method that can be captured",
          "[run]") {
    for (const auto& c : cases) {
        const auto& m = method(c.plugin);
        if (!(m.flags & MNEME_CAPTURES)) continue;
        INFO(c.plugin << " " << c.options.dump() << " " << c.train.dump());
        auto spec = stream_of(c);
        spec.stream.train_examples =
            303; // the shortest phase has two epochs of 31 steps, the last of them with fewer rows
        const auto wanted = cell(c.plugin, spec, {1, 2}, c.options, c.train);
        recordings = plays = 0;
        const auto played = run(wanted, m, taped<Tape>());
        check_same(played, run(wanted));
        CHECK(graphs(played).rfind("captured", 0) == 0);
        CHECK(recordings >= 1);
        CHECK(plays > 5 * recordings);
    }
}

TEST_CASE("what cannot be played is called, and the results say why", "[run]") {
    const auto called = run(plain());
    CHECK(graphs(called) == "not captured: cpu");

    const auto deaf = run(plain(), method("finetune"), taped<Deaf>());
    check_same(deaf, called);
    CHECK(graphs(deaf) ==
          "not captured: phase train: a recorded step, played, differs from a step called in "
          "weights.theta");

    const std::string reads = std::string(ZOO) + "/reads_a_value";
    const auto read = run(plain(reads), method(reads), taped<Strict>());
    check_same(read, run(plain(reads)));
    CHECK(graphs(read) ==
          "not captured: phase train: it cannot be recorded: reads_a_value, observe: read: values "
          "cannot be read while a step is "
          "recorded; keep them in tensors");

    auto few = plain();
    few.data.benchmark.spec.train.epochs = 4; // 40 steps a task
    CHECK(graphs(run(few, method("finetune"), taped<Tape>())) ==
          "not captured: no phase has enough steps");

    ExecutionMode eager{{}, true, "the method says that its steps cannot be"};
    CHECK(graphs(run(plain(), method("finetune"), eager)) ==
          "not captured: the method says that its steps cannot be");
}

TEST_CASE("what a called step does not repeat says nothing of the recording", "[run]") {
    static const mneme_method& original = method("finetune");
    static at::Tensor dust;
    dust = at::zeros({1});
    mneme_method dusty = original;
    dusty.observe = [](void* self, const mneme_batch* batch, const mneme_batch* companion,
                       mneme_status* status) {
        dust.add_(1); // nobody takes it back
        return original.observe(self, batch, companion, status);
    };
    dusty.state = [](void* self, const mneme_state* state, mneme_status* status) {
        if (const auto code = original.state(self, state, status); code != MNEME_OK) return code;
        static mneme_tensor* shown = mneme::host::hand_out(at::zeros({1}));
        shown->value.copy_(dust);
        return state->tensor(state->self, "~dust", &shown, status);
    };
    const auto blocks = run(plain(), dusty, taped<Tape>());
    CHECK(graphs(blocks) == "captured");
    check_same(blocks, run(plain()));
}

TEST_CASE("a method that counts its steps on the host is called", "[run]") {
    static const mneme_method& original = method("finetune");
    static int64_t count;
    count = 0;
    mneme_method counting = original;
    counting.observe = [](void* self, const mneme_batch* batch, const mneme_batch* companion,
                          mneme_status* status) {
        ++count;
        return original.observe(self, batch, companion, status);
    };
    counting.state = [](void* self, const mneme_state* state, mneme_status* status) {
        const auto code = original.state(self, state, status);
        return code == MNEME_OK ? state->integer(state->self, "count", &count, status) : code;
    };
    const auto blocks = run(plain(), counting, taped<Tape>());
    CHECK(graphs(blocks) ==
          "not captured: phase train: a step changes the number count, which is not kept in a "
          "tensor");
    CHECK(count == 3 * 120);
    check_same(blocks, run(plain()));
}

TEST_CASE("a step behind the phase's examples weighs nothing, and the next epoch's weigh one again",
          "[run]") {
    struct Weights final : harness::RunObserver {
        std::map<int64_t, std::vector<double>>
            sum; // of the line phase's steps in the last task: of both replicas' rows
        void before_step(host::Learner&, harness::Position at, const mneme_batch& batch) override {
            const auto weight = host::value_of(batch.weight);
            CHECK(host::are_known_ones(weight) == weight.gt(0).all().item<bool>());
            if (at.task == 5 && at.phase == 1) sum[at.step].push_back(weight.sum().item<double>());
        }
    } looking;
    // 12 current examples in batches of 10, beside one step for each of six tasks in memory.
    auto spec = small_stream("domain", 6);
    spec.train.epochs = 1;
    auto c = cell("mcsgd", spec, {1, 2},
                  {{"current_samples", 12}, {"line_batch", 10}, {"line_epochs", 2}});
    harness::Reporter reporter(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    harness::Runner(c, method("mcsgd"), reporter, 1e9, &looking).run();
    const auto each = static_cast<int64_t>(looking.sum.size()) / 2;
    REQUIRE(each == 6);
    for (int64_t step = 0; step < 2 * each; ++step) {
        INFO("step " << step << " of " << 2 * each);
        const double rows = step % each == 0 ? 10 : step % each == 1 ? 2 : 0;
        CHECK(looking.sum[step] == std::vector<double>{2 * rows});
    }
    std::filesystem::remove_all(c.output);
}

TEST_CASE("a device that is asked late ends with the same facts, of diverged replicas too",
          "[run]") {
    for (const char* rates : {"one", "all"}) {
        auto both = cell("finetune", small_stream(), {1, 2}, {}, {{"lr", 0.01}});
        both.data.benchmark.spec.train.epochs = 30; // some looks in a phase
        both.runs[1].train = settings({{"lr", 1e30}});
        if (std::string(rates) == "all") both.runs[0].train = settings({{"lr", 1e25}});
        const auto at_once = run(both), late = run(both, method("finetune"), {{}, true, "test"});
        check_same(late, at_once);
        check_same(run(both, method("finetune"), taped<Tape>()), at_once);
        CHECK(late[1].outcome_message.at({0, 0}) ==
              "task 1, phase 1, step 100: a weight is not finite; a smaller rate or penalty may "
              "help");
        CHECK(late[1].optimizer_steps.at({0, 0, 0}) == 100);
        CHECK(late[0].outcome.at({0, 0}) == (std::string(rates) == "all"));
    }
}

TEST_CASE("a run that fails is billed up to where it failed", "[run]") {
    static const mneme_method& original = method("finetune");
    static int64_t left;
    mneme_method failing = original;
    failing.observe = [](void* self, const mneme_batch* batch, const mneme_batch* companion,
                         mneme_status* status) {
        return left-- > 0 ? original.observe(self, batch, companion, status)
                          : status->code = MNEME_FAILED;
    };
    for (const ExecutionMode& mode :
         {ExecutionMode{{}, false, "test"}, ExecutionMode{{}, true, "test"}}) {
        left = 157; // of 120 a task
        const auto block = run(cell("finetune", small_stream(), {1}), failing, mode)[0];
        CHECK(block.outcome_message.at({0, 0}).rfind("task 2, phase 1, step 37: finetune, observe",
                                                     0) == 0);
        CHECK(block.optimizer_steps.at({0, 0, 0}) == 120);
        CHECK(block.optimizer_steps.at({0, 0, 1}) == 37);
        CHECK(block.train_samples.at({0, 0, 1}) ==
              3 * 93 + 7 * 10); // epochs of ten batches, the last of three rows
        CHECK(std::isfinite(block.train_loss.at({0, 0, 50 + 10})));
        CHECK(std::isnan(block.train_loss.at({0, 0, 50 + 20})));
    }
}

TEST_CASE("marks are the same by rows and by operators", "[run]") {
    std::mt19937 engine(5);
    std::normal_distribution<float> normal(0, 30);
    const int64_t replicas = 3, n = 101, classes = 7;
    auto logits = at::empty({replicas, n, classes}, at::kFloat);
    auto labels = at::empty({n}, at::kLong);
    for (int64_t k = 0; k < logits.numel(); ++k) logits.data_ptr<float>()[k] = normal(engine);
    for (int64_t k = 0; k < n; ++k) labels.data_ptr<int64_t>()[k] = k % classes;
    logits[0][3] = 1.5f;               // all alike: the first allowed class
    logits[1][4][2] = std::nanf("");   // never picked
    logits[2][5].fill_(std::nanf("")); // nothing to pick
    logits[2][6][1] = INFINITY;
    for (const auto& allowed : {std::vector<int64_t>{0, 1, 2, 3, 4, 5, 6}, {1, 2, 5}, {3}, {}}) {
        INFO(allowed.size() << " classes allowed");
        auto mask = at::zeros({classes}, at::kBool);
        for (int64_t c : allowed) mask[c] = true;
        const auto rows = harness::score_by_rows(logits, labels, mask, {true, true, true, true}),
                   operators =
                       harness::score_by_operators(logits, labels, mask, {true, true, true, true});
        CHECK(at::equal(rows.correct, operators.correct));
        CHECK(at::equal(rows.confusion, operators.confusion));
        CHECK(at::equal(rows.picks, operators.picks));
        CHECK(at::equal(rows.bin_count, operators.bin_count));
        CHECK(at::equal(rows.bin_correct, operators.bin_correct));
        CHECK(at::equal(rows.bin_correct.sum(1), rows.correct));
        CHECK(at::allclose(rows.bin_confidence, operators.bin_confidence, 1e-12));
        CHECK(at::allclose(rows.squared_error, operators.squared_error, 1e-12));
        for (int64_t s = 0; s < replicas;
             ++s) { // what is not finite is recorded as unknown, whatever it is
            const double a = rows.loss[s].item<double>(), b = operators.loss[s].item<double>();
            CHECK(std::isfinite(a) == std::isfinite(b));
            if (std::isfinite(a)) CHECK(std::abs(a - b) <= 1e-12 * std::abs(a));
        }
        CHECK((allowed.size() < 7 || rows.correct.sum().item<int64_t>() > 0));
    }
}

TEST_CASE("a cell without room is run in halves, in order", "[run]") {
    const auto all = cell("finetune", small_stream(), {1, 2, 3, 4, 5});
    std::vector<std::size_t> tried, split;
    const auto blocks = harness::run_in_halves(
        all,
        [&](const protocol::Cell& part) {
            tried.push_back(part.runs.size());
            if (part.runs.size() > 2) throw harness::OutOfMemory{};
            return run(part);
        },
        [&](const protocol::Cell& part) { split.push_back(part.runs.size()); });
    CHECK(tried == (std::vector<std::size_t>{5, 3, 2, 1, 2}));
    CHECK(split == (std::vector<std::size_t>{5, 3}));
    const auto whole = run(all);
    REQUIRE(blocks.size() == 5);
    check_same(blocks, whole);
    CHECK(blocks[0].shared_by_replicas.at({0, 0}) == 2);

    static const mneme_method& original = method("finetune");
    mneme_method hungry = original;
    hungry.observe = [](void*, const mneme_batch*, const mneme_batch*, mneme_status* status) {
        return status->code = MNEME_MEMORY;
    };
    CHECK_THROWS_AS(run(all, hungry, ExecutionMode::of(all, hungry)), harness::OutOfMemory);
    const auto one = cell("finetune", small_stream(), {1});
    CHECK(run(one, hungry, ExecutionMode::of(one, hungry))[0].outcome.at({0, 0}) ==
          2); // alone it fails
}

TEST_CASE("a recording without room halves the cell; of one run it is called", "[run]") {
    auto one = plain();
    one.runs.resize(1);
    CHECK(graphs(run(one, method("finetune"), taped<Cramped>())) ==
          "not captured: phase train: it cannot be recorded: out of memory");
    REQUIRE(plain().runs.size() > 1);
    CHECK_THROWS_AS(run(plain(), method("finetune"), taped<Cramped>()), harness::OutOfMemory);
}
