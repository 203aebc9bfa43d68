// SPDX-License-Identifier: Apache-2.0
#include "support.hpp"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include "host/handle.hpp"
#include "host/learner.hpp"
#include "worker/commands.hpp"
#include "worker/runner.hpp"

namespace mneme::test {

const mneme_method& method(const std::string& id) {
    const char* folder = std::getenv("MNEME_PLUGINS");
    const auto path = std::filesystem::path(folder ? folder : "plugins") / (id + ".so");
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL); // never closed
    if (!library) throw std::runtime_error(dlerror());
    return **reinterpret_cast<const mneme_plugin* (*)()>(dlsym(library, MNEME_PLUGIN_ENTRY))()
                 ->methods;
}

bench::Spec small_stream(const std::string& scenario, int64_t tasks) {
    bench::Spec spec;
    spec.name = "small";
    spec.stream.kind = "synthetic";
    spec.stream.tasks = tasks;
    spec.stream.classes_per_task = 3;
    spec.stream.features = 12;
    spec.stream.separation = 8;
    spec.stream.train_examples = 93; // a last batch that is not full
    spec.stream.test_examples = 40;
    spec.scenario.kind = scenario;
    spec.network.hidden = {24, 16};
    spec.train.lr = 0.1;
    spec.train.epochs = 12;
    spec.train.batch_size = 10;
    spec.train.momentum = 0.5;
    return spec;
}

protocol::Settings settings(const protocol::Json& object) {
    protocol::Settings out;
    for (const auto& [key, value] : object.items()) out.push_back({key, {value, "test"}});
    return out;
}

protocol::Cell cell(const std::string& plugin, const bench::Spec& spec,
                    const std::vector<int64_t>& seeds, const protocol::Json& options,
                    const protocol::Json& train) {
    static int serial = 0;
    protocol::Cell c;
    c.data.benchmark = {spec, "digest", "", ""};
    c.plugin.id = plugin;
    const auto folder =
        std::filesystem::temp_directory_path() /
        ("mneme-test-" + std::to_string(::getpid()) + "-" + std::to_string(serial++));
    c.output = folder.string();
    for (int64_t seed : seeds)
        c.runs.push_back({plugin + std::to_string(seed),
                          plugin,
                          seed,
                          settings(options),
                          settings(train),
                          {},
                          {}});
    return c;
}

std::vector<results::Block> run(const protocol::Cell& c) {
    const auto& m = method(c.plugin.id);
    return run(c, m, harness::ExecutionMode::of(c, m));
}

std::vector<results::Block> run(const protocol::Cell& c, const mneme_method& m,
                                const harness::ExecutionMode& mode) {
    harness::Reporter reporter(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    harness::Runner runner(c, m, reporter, 1e9, nullptr, mode);
    auto blocks = runner.run();
    std::filesystem::remove_all(c.output);
    return blocks;
}

std::vector<results::Block> run_stopped(const protocol::Cell& c) {
    harness::Reporter reporter(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    bool stopped = false;
    harness::asked_to_stop = 1;
    try {
        harness::Runner(c, method(c.plugin.id), reporter, 1e9).run();
    } catch (const harness::Stopped&) {
        stopped = true;
    }
    harness::asked_to_stop = 0;
    if (!stopped) throw std::runtime_error("the run did not stop");
    return run(c);
}

std::vector<float> inputs_of(const protocol::Cell& c, int64_t task, int64_t step) {
    struct Looking final : harness::RunObserver {
        harness::Position wanted;
        std::vector<float> seen;
        void before_step(host::Learner&, harness::Position at, const mneme_batch& batch) override {
            if (at.task != wanted.task || at.phase != 0 || at.step != wanted.step) return;
            const auto x = host::value_of(batch.x).select(0, 0).contiguous();
            seen.assign(x.data_ptr<float>(), x.data_ptr<float>() + x.numel());
        }
    } looking;
    looking.wanted = {task, 0, step};
    harness::Reporter reporter(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    harness::Runner(c, method(c.plugin.id), reporter, 1e9, &looking).run();
    std::filesystem::remove_all(c.output);
    return looking.seen;
}

namespace {

template <class T> bool equal_bits(const results::Array<T>& a, const results::Array<T>& b) {
    if constexpr (std::is_trivially_copyable_v<T>)
        return a.shape == b.shape && a.data.size() == b.data.size() &&
               (a.data.empty() ||
                std::memcmp(a.data.data(), b.data.data(), a.data.size() * sizeof(T)) == 0);
    else return a.shape == b.shape && a.data == b.data;
}

} // namespace

bool same_bits(const results::Array<float>& a, const results::Array<float>& b) {
    return equal_bits(a, b);
}

bool same_facts(const results::Block& a, const results::Block& b, std::string& difference) {
    const std::pair<const char*, bool> facts[] = {
        {"n_correct", equal_bits(a.n_correct, b.n_correct)},
        {"n_correct_task_aware", equal_bits(a.n_correct_task_aware, b.n_correct_task_aware)},
        {"initial_correct", equal_bits(a.initial_correct, b.initial_correct)},
        {"loss", equal_bits(a.loss, b.loss)},
        {"confusion", equal_bits(a.confusion, b.confusion)},
        {"outcome", equal_bits(a.outcome, b.outcome)},
        {"outcome_message", equal_bits(a.outcome_message, b.outcome_message)},
        {"train_loss", equal_bits(a.train_loss, b.train_loss)},
        {"data_digest", equal_bits(a.data_digest, b.data_digest)},
        {"train_samples", equal_bits(a.train_samples, b.train_samples)},
        {"optimizer_steps", equal_bits(a.optimizer_steps, b.optimizer_steps)},
        {"kept_bytes", equal_bits(a.kept_bytes, b.kept_bytes)}};
    for (const auto& [name, equal] : facts)
        if (!equal) return difference = name, false;
    return true;
}

} // namespace mneme::test
