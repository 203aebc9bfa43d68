// SPDX-License-Identifier: Apache-2.0
// The protocol (docs/protocol.md): order of tasks, phases and evaluations, clocks, outcomes,
// checkpoints. It knows no method, no stream and no network by name.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <base/clock.hpp>

#include "worker/checkpoint.hpp"
#include "worker/continual_evaluation.hpp"
#include "worker/evaluator.hpp"
#include "worker/execution_mode.hpp"
#include "worker/ledger.hpp"
#include "worker/observer.hpp"
#include "worker/reporter.hpp"
#include "worker/run_setup.hpp"
#include "worker/task_source.hpp"

namespace mneme::harness {

struct Stopped {}; // thrown after the checkpoint is written

class Runner final {
  public:
    Runner(const Cell&, const mneme_method&, Reporter&, double checkpoint_every_s,
           RunObserver* = nullptr);
    Runner(const Cell&, const mneme_method&, Reporter&, double checkpoint_every_s, RunObserver*,
           ExecutionMode);

    // Trains and evaluates; one block a run, whatever the outcome. Throws Stopped, ExitError where
    // the suite is at fault or the device was lost, OutOfMemory where memory does not suffice for
    // more than one run.
    std::vector<results::Block> run();

  private:
    void resume();
    void train_and_evaluate();
    void run_task(int64_t task);
    void run_phases(const std::vector<std::unique_ptr<PhasePlan>>&, bool resumed);
    void run_phase(const PhasePlan&, CurveProgress&, int64_t from);
    void end_task(int64_t task, const host::TaskView&);
    void record_costs(int64_t task);
    void evaluate(int64_t row);
    void keep_weights(int64_t task);
    void write_checkpoint(Position);

    void fail(const std::string& message); // the runs that have no outcome yet
    std::string place() const;             // of the position, for messages
    void rethrow_unless_plugin_failed(const std::exception&) const;
    void report(const char* stage, int64_t task);
    std::string graphs() const; // how the steps were executed, for the results

    const Cell& cell_;
    Reporter& reporter_;
    const double checkpoint_every_s_;
    RunObserver* const observer_;
    const ExecutionMode mode_;
    RunSetup setup_;
    WeightWatch weights_;
    std::unique_ptr<Ledger> ledger_;
    std::unique_ptr<host::DiagnosticSink> diagnostics_;
    std::unique_ptr<TaskSource> source_;
    std::unique_ptr<Evaluator> evaluator_;
    std::unique_ptr<ContinualEvaluation> continual_; // null: not asked for
    Position resumed_, position_;
    std::string conv_impl_;
    double accuracy_;
    base::Clock::time_point last_checkpoint_;
    bool captured_ = false;
    std::map<std::string, std::string> called_because_; // by phase
};

} // namespace mneme::harness
