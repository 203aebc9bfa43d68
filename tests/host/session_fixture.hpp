// SPDX-License-Identifier: Apache-2.0
// For tests: a session of the real host over a network of a few weights, with the SDK bound to it
// in the test program itself. Only session_fixture.cpp sees LibTorch; a test talks to the host as a
// plugin does.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <mneme/mneme.hpp>

#include "host/options.hpp"

namespace mneme::test {

using protocol::Json;

// What stands on a fixture.
struct Layout {
    int64_t features = 3;
    std::vector<int64_t>
        hidden{}; // none: softmax regression, whose gradients are known in closed form
    std::vector<int64_t> seeds{1};
    std::string scenario = "domain";
    int64_t classes = 3;
    std::vector<std::vector<int64_t>> tasks{{0, 1, 2}, {0, 1, 2}, {0, 1, 2}}; // classes of each
    bool bias = true, shared_head = false, all_logits = false;
    double dropout = 0;
    std::string network =
        "mlp"; // another kind works on `image`: channels, rows, columns, `features` in all
    bool hidden_boundaries = false; // the stream announces no task
    std::vector<int64_t> image{};   // resnet18 has 4 channels in its first stage here
};

// Training examples of a task: pixels [N, features], a pixel p is the input p / 255.
struct TaskData {
    std::vector<uint8_t> pixels;
    std::vector<int64_t> labels;
    std::vector<double> input(int64_t row, int64_t features) const;
};
TaskData make_task_data(int64_t rows, int64_t features, const std::vector<int64_t>& classes,
                        uint32_t which); // random pixels, labels in turn

class SessionFixture final { // one at a time is the current session: the last that was made
  public:
    explicit SessionFixture(const Layout&);
    ~SessionFixture();
    SessionFixture(const SessionFixture&) = delete;
    SessionFixture& operator=(const SessionFixture&) = delete;

    const Layout& layout() const { return layout_; }
    const Net& net() const { return *net_; }
    void seek(int64_t task, uint32_t phase, uint32_t step);
    void begin_task(int64_t task);
    void set_examples(int64_t task, const TaskData&); // a task's training examples
    Task task(int64_t task) const;
    mneme_task raw(int64_t task) const;
    Random own(const std::string& purpose); // a source of the harness's
    // Sum and weight of the losses that have been noted since the last call, [S] each.
    std::pair<std::vector<double>, std::vector<double>> train_loss();
    // What methods have reported, by name, in the order of the calls.
    const std::map<std::string, std::vector<std::vector<double>>>& reports() const;
    void record(bool on); // as if a step were captured

    // A setup as a plugin gets it; `options` and `train` as a suite would give them.
    Setup& setup(const Json& options = Json::object(), const Json& train = Json::object());

  private:
    friend class PluginLearner;
    struct Impl;
    const Layout layout_;
    std::unique_ptr<Impl> impl_;
    std::unique_ptr<Net> net_;
};

// A learner of a shipped plugin, taught by hand. The folder of plugins is MNEME_PLUGINS.
class PluginLearner final {
  public:
    PluginLearner(SessionFixture&, const std::string& plugin, const Json& options = Json::object(),
                  const Json& train = Json::object());
    ~PluginLearner();
    PluginLearner(const PluginLearner&) = delete;
    PluginLearner& operator=(const PluginLearner&) = delete;

    void begin_task(int64_t task);
    std::vector<Phase> phases(int64_t task);
    void begin_phase(const Phase&, int64_t task,
                     uint32_t index = 0); // as the harness would have resolved it
    void begin_epoch(const Phase&, int64_t task, int64_t epoch, uint32_t index = 0);
    void observe(const Batch&, int64_t task, uint32_t step, const Batch* companion = nullptr,
                 uint32_t phase = 0);
    void end_phase(const Phase&, int64_t task, uint32_t index = 0);
    void end_task(int64_t task);
    Tensor predict(const Tensor& x, TaskId task);

    std::vector<double> theta() const; // [S, P]
    std::map<std::string, std::vector<double>> state()
        const; // what the plugin keeps, by name; undefined tensors are empty
    void put(const std::string& name,
             const std::vector<double>& values); // another value for a tensor that is kept
    std::string saved() const;                   // a checkpoint's bytes
    void restore(const std::string& bytes);
    std::string digest() const;
    double kept_bytes() const; // the bill of memory, without the weights

  private:
    struct Impl;
    SessionFixture& fixture_;
    std::unique_ptr<Impl> impl_;
};

int64_t live_handles(); // handles that somebody holds, in the whole process

// Numbers that no generator of LibTorch has touched: standard normal, by Philox.
std::vector<double> numbers(int64_t n, uint32_t which);

Tensor tensor(const std::vector<double>& values, const std::vector<int64_t>& shape,
              DType type = DType::float64);
// [S, B, features], labels and tasks [S, B]; weight 1 where none is given.
Batch batch(int64_t replicas, const std::vector<double>& x, const std::vector<int64_t>& y,
            const std::vector<int64_t>& task = {}, const std::vector<double>& weight = {});

double largest(const std::vector<double>&); // absolute value
double distance(const std::vector<double>& a,
                const std::vector<double>& b); // of the largest entries, relative to b's largest
std::string refusal(const std::function<void()>&); // what an Error says; empty when none was thrown

} // namespace mneme::test
