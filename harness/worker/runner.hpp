// SPDX-License-Identifier: Apache-2.0
// The protocol: order of tasks, phases and evaluations, clocks, outcomes, checkpoints. It knows no method, no stream and no network by
// name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <benchmarks/flow.hpp>
#include <benchmarks/network.hpp>
#include <benchmarks/stream.hpp>

#include "host/learner.hpp"
#include "worker/record.hpp"
#include "worker/reporter.hpp"

namespace mneme::harness {

struct Stopped {}; // thrown after the checkpoint is written

// Looks over the runner's shoulder, for the examiner. Between a plugin's calls; it may ask the learner, and must leave it as it is.
class Onlooker {
  public:
    virtual ~Onlooker() = default;
    virtual void before_step(host::Learner&, Position, const mneme_batch&) {}
    virtual void after_step(host::Learner&, Position) {}
    virtual void after_task(host::Learner&, int64_t /*task*/) {}
};

class Runner final {
  public:
    Runner(const Cell&, const mneme_method&, Reporter&, double checkpoint_every_s, Onlooker* = nullptr);
    ~Runner();

    // Trains and evaluates; one block a run, whatever the outcome. Throws Stopped, or Error (65) where the suite is at fault.
    std::vector<results::Block> run();

  private:
    struct Stretch; // a resolved phase: its examples, order and length

    void resume();
    void train_and_evaluate();
    void conclude(results::Outcome, const std::string& message); // of the runs that have no outcome yet
    void run_task(int64_t task);
    void run_flow(); // all tasks as one, where they are not announced (flow.cpp)
    std::vector<bench::Flow> flows() const;
    std::unique_ptr<Stretch> piece(const std::vector<bench::Flow>&, int64_t task, const mneme_phase&);
    std::unique_ptr<mneme_examples> joined(int64_t first, int64_t last) const; // examples of these tasks, end to end
    void run_phase(Stretch&, int64_t from_step);
    mneme_batch next_batch(Stretch&, int64_t step);
    std::vector<std::unique_ptr<Stretch>> stretches(int64_t task, const std::vector<mneme_phase>&);
    void evaluate(int64_t row); // -1: before any training
    void count_predictions(int64_t row, int64_t evaluated, const at::Tensor& logits, const at::Tensor& labels);
    void watch(int64_t task, int64_t phase, int64_t step); // divergence
    void curve_point(int64_t task, int64_t point);
    void checkpoint(Position);
    void bill(int64_t task);
    bool all_diverged() const;
    Progress where(const char* stage, int64_t task) const;

    const Cell& cell_;
    Reporter& reporter_;
    const double checkpoint_every_s_;
    Onlooker* const onlooker_;
    const at::Device device_;
    std::unique_ptr<bench::Stream> stream_;
    std::unique_ptr<bench::Network> network_;
    std::unique_ptr<host::OptionBook> options_;
    std::unique_ptr<host::Session> session_;
    std::unique_ptr<host::Learner> learner_;
    const mneme_method& method_;
    Json train_;
    std::vector<results::Block> blocks_;
    std::vector<bool> diverged_;
    std::vector<std::unique_ptr<mneme_examples>> seen_; // tasks so far, for methods that may look back
    std::unique_ptr<mneme_examples> current_;
    Position resumed_, here_;
    int64_t steps_of_task_ = 0, steps_done_ = 0; // for the curve's points
    double accuracy_so_far_, last_checkpoint_;
};

} // namespace mneme::harness
