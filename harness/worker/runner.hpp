// SPDX-License-Identifier: Apache-2.0
// The protocol: order of tasks, phases and evaluations, clocks, outcomes, checkpoints. It knows no
// method, no stream and no network by name.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <benchmarks/flow.hpp>
#include <benchmarks/network.hpp>
#include <benchmarks/stream.hpp>

#include "host/learner.hpp"
#include "worker/record.hpp"
#include "worker/reporter.hpp"
#include "worker/steps.hpp"

namespace mneme::harness {

struct Hand;       // stretch.hpp
struct Stopped {}; // thrown after the checkpoint is written

// Looks over the runner's shoulder, for the examiner. Between a plugin's calls; it may ask the
// learner, and must leave it as it is.
class Onlooker {
  public:
    virtual ~Onlooker() = default;
    virtual void before_step(host::Learner&, Position, const mneme_batch&) {}
    virtual void after_step(host::Learner&, Position) {}
    virtual void after_task(host::Learner&, int64_t /*task*/) {}
};

// How the device is driven. A CPU is asked at once; a GPU runs behind, so it is asked only where a
// phase ends or is stopped.
struct Driving {
    GraphMaker graph;       // empty: no step is recorded
    bool asks_late = false; // whether a replica's end and the loss are read where a phase ends
    std::string why_not;    // why no step is recorded
    static Driving of(const Cell&, const mneme_method&);
};

// Throws ExitError (temporary) where the GPU does not answer any more.
void lost_device_is_temporary();

class Runner final {
  public:
    Runner(const Cell&, const mneme_method&, Reporter&, double checkpoint_every_s,
           Onlooker* = nullptr);
    Runner(const Cell&, const mneme_method&, Reporter&, double checkpoint_every_s, Onlooker*,
           Driving);
    ~Runner();

    // Trains and evaluates; one block a run, whatever the outcome. Throws Stopped, ExitError where
    // the suite is at fault or the device was lost, NoRoom where memory does not suffice for more
    // than one run.
    std::vector<results::Block> run();

  private:
    struct Stretch; // a resolved phase: its examples, order and length
    struct Exam;    // a task's test, marked

    void resume();
    void train_and_evaluate();
    std::vector<int64_t> first_order(
        int64_t replica, int64_t task) const; // of the task's examples, in the first epoch
    void conclude(results::Outcome,
                  const std::string& message); // of the runs that have no outcome yet
    void run_task(int64_t task);
    void run_flow(); // all tasks as one, where they are not announced (flow.cpp)
    std::vector<bench::Flow> flows() const;
    std::unique_ptr<Stretch> piece(const std::vector<bench::Flow>&, int64_t task,
                                   const mneme_phase&);
    std::unique_ptr<mneme_examples> joined(
        int64_t first, int64_t last) const; // examples of these tasks, end to end
    void run_phase(Stretch&, int64_t from_step);
    at::Tensor next_positions(Stretch&, int64_t step); // in the phase's examples, [S or 1, B]
    void observe(Stretch&, const at::Tensor& positions, bool spent); // a step
    void observe_nothing();                                          // of a phase without data
    void gather(const Stretch&, const at::Tensor& positions, Hand&);
    void begin_epoch(const Stretch&, int64_t step); // where one begins or ends with this step
    void end_epoch(const Stretch&, int64_t step);
    std::unique_ptr<Stretch> resolved_without_data(std::unique_ptr<Stretch>) const;
    std::vector<std::unique_ptr<Stretch>> stretches(int64_t task, const std::vector<mneme_phase>&);
    void evaluate(int64_t row); // -1: before any training
    Exam mark(int64_t row, int64_t evaluated, const at::Tensor& logits,
              const at::Tensor& labels) const;
    void enter(int64_t row, const Exam&);
    void look(int64_t step); // notes on the device which weights are not finite; does not wait
    void bury(int64_t task, int64_t phase); // reads the notes; phase -1: the end of the task
    void curve_point(int64_t task, int64_t point, int64_t step);
    std::string how_driven() const;
    void not_the_plugins_doing(const std::exception&) const;
    void settle_what_can_be(const Stretch&,
                            int64_t step); // where a step failed, perhaps by the device
    void settle(
        const Stretch&,
        int64_t step); // reads what the device knows of the steps up to here, and bills them
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
    std::vector<std::unique_ptr<mneme_examples>>
        seen_; // tasks so far, for methods that may look back
    std::unique_ptr<mneme_examples> current_;
    Position resumed_, here_;
    int64_t steps_of_task_ = 0, steps_done_ = 0; // for the curve's points
    std::string conv_impl_;
    double accuracy_so_far_, last_checkpoint_;

    struct Point { // of the curve, not read yet
        int64_t task, point, step;
        at::Tensor sum, weight; // [S]
    };
    const Driving driving_;
    at::Tensor died_; // int64 [S] on the device: at which step of the phase a weight was found that
                      // is not finite, -1: none was
    std::vector<Point> points_;
    int64_t billed_ = 0;                        // steps of the phase
    std::map<std::string, std::string> called_; // phases whose steps were not recorded, and why
    bool recorded_ = false;
};

} // namespace mneme::harness
