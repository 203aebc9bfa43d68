// SPDX-License-Identifier: Apache-2.0
// A small host, built against one LibTorch or another from the same sources as the worker's. `train
// REQUEST.json` trains what the request lists over a short stream and writes the learners' whole
// state.
#include <cmath>
#include <fstream>
#include <iostream>
#include <memory>
#include <set>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <benchmarks/stream.hpp>
#include <mneme/error.hpp>

#include "fence.hpp"
#include "host/handle.hpp"
#include "host/learner.hpp"
#include "host/tables.hpp"
#include "protocol/train_settings.hpp"

namespace {

using namespace mneme;
using protocol::Json;
using protocol::Settings;

Settings settings(const Json& object) {
    Settings out;
    for (const auto& [key, value] : object.items()) out.push_back({key, {value, "request"}});
    return out;
}

bench::Spec stream_spec(
    bool task_known) { // rounding grows by a factor at each step: few steps, small rates
    bench::Spec spec;
    spec.name = "abi";
    spec.stream.kind = "synthetic";
    if (task_known) spec.scenario.kind = "task";
    spec.stream.tasks = 3;
    spec.stream.classes_per_task = 3;
    spec.stream.features = 20;
    spec.stream.separation = 3;
    spec.stream.train_examples = 93; // a last batch that is not full
    spec.stream.test_examples = 30;
    spec.network.hidden = {17, 9};
    spec.train.lr = 0.05;
    spec.train.dropout = 0.25;
    return spec;
}

mneme_examples joined(host::Session& session,
                      const std::vector<std::unique_ptr<mneme_examples>>& seen) {
    std::vector<at::Tensor> x, y, task;
    mneme_examples all{&session, {}, {}, {}};
    for (const auto& e : seen) {
        x.push_back(e->data.x), y.push_back(e->data.y), task.push_back(e->task);
        all.classes.insert(all.classes.end(), e->classes.begin(), e->classes.end());
    }
    all.data = {at::cat(x, -2), at::cat(y)};
    all.task = at::cat(task);
    return all;
}

// The runner's order of calls, without clocks, evaluation and checkpoints.
class Trainer final {
  public:
    Trainer(const mneme_method& method, const Json& options, const Json& train)
        : task_known_(method.flags & MNEME_NEEDS_TASK_ID), spec_(stream_spec(task_known_)),
          stream_(spec_, {}, {1, 2}, {}, at::kCPU),
          network_(bench::make_network(spec_.network, stream_.input_shape(), stream_.classes())),
          session_(*network_, {1, 2}, head(), stream_.input(at::arange(256, at::kByte)), at::kCPU),
          book_(method.id, {settings(options), settings(options)},
                {settings(train), settings(train)}, protocol::to_json(spec_.train)),
          learner_(method, session_, book_) {
        book_.refuse_leftovers();
        session_.model().set_dropout(book_.train(0).at("dropout"));
    }

    void run() {
        for (int64_t t = 0; t < stream_.tasks(); ++t) {
            session_.model().begin_task(t);
            seen_.push_back(std::make_unique<mneme_examples>(
                mneme_examples{&session_, stream_.train(t), {}, stream_.task(t).classes}));
            seen_.back()->task = at::full({seen_.back()->data.size()}, t, at::kLong);
            const host::TaskView view(t, stream_.tasks(), *seen_.back());
            learner_.begin_task(view);
            auto phases = learner_.phases(view);
            for (std::size_t p = 0; p < phases.size(); ++p)
                train(t, static_cast<uint32_t>(p), phases[p]);
            learner_.end_task(view);
        }
    }

    Json result() {
        Json state = Json::object();
        for (const auto& [name, value] : learner_.save().values) {
            if (const auto* t = std::get_if<at::Tensor>(&value)) state[name] = numbers(*t);
            else if (const auto* i = std::get_if<int64_t>(&value))
                state[name] = Json{{"shape", Json::array()}, {"values", {*i}}};
            else
                state[name] = Json{{"shape", Json::array()}, {"values", {std::get<double>(value)}}};
        }
        return {{"state", state},
                {"theta", numbers(learner_.weights().theta)},
                {"start", numbers(session_.model().initial().theta)},
                {"logits", numbers(learner_.predict(session_.batches().input(stream_.test(0).x),
                                                    task_known_ ? 0 : -1))}};
    }

  private:
    host::Head head() const {
        host::Head h{spec_.scenario.kind, false, stream_.classes(), {}};
        for (int64_t t = 0; t < stream_.tasks(); ++t) h.classes.push_back(stream_.task(t).classes);
        return h;
    }

    static Json numbers(const at::Tensor& t) {
        if (!t.defined()) return nullptr;
        const auto flat = t.to(at::kDouble).contiguous();
        return {{"shape", std::vector<int64_t>(t.sizes().begin(), t.sizes().end())},
                {"values", std::vector<double>(flat.data_ptr<double>(),
                                               flat.data_ptr<double>() + flat.numel())}};
    }

    void train(int64_t task, uint32_t index, mneme_phase phase) {
        const auto all = joined(session_, seen_);
        const mneme_examples& examples = phase.data == MNEME_SEEN_TASKS ? all : *seen_.back();
        const int64_t rows = examples.data.size(), batch = book_.train(0).at("batch_size");
        phase.epochs = 2, phase.batch_size = batch, phase.samples = rows,
        phase.steps = (rows + batch - 1) / batch;
        session_.draws().seek({task, index, host::step_begin});
        learner_.begin_phase(phase);
        uint32_t step = 0;
        for (uint32_t epoch = 0; epoch < 2; ++epoch) {
            const auto order = session_.draws().permutation_at(
                "order", rows, {0, epoch, static_cast<uint32_t>(task) * 256 + index});
            for (int64_t start = 0; start < rows; start += batch) {
                session_.draws().seek({task, index, step++});
                host::BatchBuffers first, companion;
                session_.batches().gather(
                    examples, order.narrow(1, start, std::min(batch, rows - start)), first.rows);
                mneme_batch second{};
                if (phase.companion) {
                    session_.batches().gather(
                        examples,
                        session_.draws().sample_without_replacement("second_batch", rows, batch),
                        companion.rows);
                    second = companion.lend();
                }
                learner_.observe(first.lend(), phase.companion ? &second : nullptr);
            }
        }
        session_.draws().seek({task, index, host::step_end});
        learner_.end_phase(phase);
    }

    const bool task_known_; // to methods that need the task's identity, in a stream that reveals it
    const bench::Spec spec_;
    bench::Stream stream_;
    std::unique_ptr<bench::Network> network_;
    host::Session session_;
    host::OptionBook book_;
    host::Learner learner_;
    std::vector<std::unique_ptr<mneme_examples>> seen_;
};

const mneme_plugin& open(const std::string& path) {
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL); // never closed
    if (!library) throw Error(path + ": " + dlerror());
    return *reinterpret_cast<const mneme_plugin* (*)()>(dlsym(library, MNEME_PLUGIN_ENTRY))();
}

std::set<std::string> mapped_libtorch() { // one, or two lines of LibTorch are in this process
    std::set<std::string> paths;
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);)
        for (const char* name : {"/libtorch_cpu", "/libc10."})
            if (line.find(name) != line.npos) paths.insert(line.substr(line.find('/')));
    return paths;
}

} // namespace

int main(int, char** argv) {
    try {
        at::set_num_threads(1);
        const auto request = Json::parse(std::ifstream(argv[1]));
        Json out = {{"libtorch", host::libtorch_version()},
                    {"missing_operators", host::missing_operators()},
                    {"results", Json::array()}};
        for (const auto& entry : request.at("entries")) {
            const auto& plugin = open(entry.at("plugin"));
            Json methods = Json::object();
            for (auto m = plugin.methods; *m; ++m) {
                const auto& method = entry.value("fenced", false) ? test::behind_fence(**m) : **m;
                Trainer trainer(method, entry.at("options"), entry.at("train"));
                trainer.run();
                methods[(*m)->id] = trainer.result();
            }
            out["results"].push_back(methods);
        }
        out["libraries"] = mapped_libtorch();
        std::ofstream(request.at("out").get<std::string>()) << out.dump();
        return 0;
    } catch (const std::exception& e) {
        std::cerr << e.what() << "\n";
        return 1;
    }
}
