// SPDX-License-Identifier: Apache-2.0
// One phase of a task: its batches, its steps, and what is measured while they run.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "host/batch_buffers.hpp"
#include "host/learner.hpp"
#include "worker/checkpoint.hpp"
#include "worker/continual_evaluation.hpp"
#include "worker/execution_mode.hpp"
#include "worker/ledger.hpp"
#include "worker/observer.hpp"
#include "worker/phase_schedule.hpp"
#include "worker/reporter.hpp"
#include "worker/weight_watch.hpp"

namespace mneme::harness {

// A phase with its length resolved, or the piece of one that ends where a task of a stream with
// hidden boundaries does.
struct PhasePlan {
    mneme_phase phase{}; // as the learner is told of it
    PhaseSchedule schedule;
    int64_t task = 0, index = 0;              // where its results are entered
    const mneme_examples* examples = nullptr; // `own`, or the task's
    std::unique_ptr<mneme_examples> own;      // of several tasks
    at::Tensor order;                         // [S, rows]; undefined: drawn for each epoch
    int64_t learner_task = 0, first_step = 0; // as the learner counts tasks and steps
    bool begins = true, ends = true;          // whether the learner's phase does, with this piece
};

// What the phases of a run have in common. All of it outlives them.
struct RunParts {
    host::Session& session;
    host::Learner& learner;
    Ledger& ledger;
    WeightWatch& weights;
    const ExecutionMode& mode;
    RunObserver* observer; // may be null
    Reporter& reporter;
    Position& position;             // of the step that is being made
    ContinualEvaluation* continual; // null: no evaluation within tasks
};

class PhaseRun final {
  public:
    // Called between steps with the number of steps made; it may flush.
    using BetweenSteps = std::function<void(PhaseRun&, int64_t steps)>;

    PhaseRun(const RunParts&, const PhasePlan&, CurveProgress&);
    ~PhaseRun();

    // From step `from`; -1: the phase has not begun. Ends early where all replicas diverge.
    void run(int64_t from, const BetweenSteps&);
    // Reads what the device knows of the steps made so far, and enters it in the ledger.
    void flush_measurements(int64_t steps);

    bool captured() const { return captured_; } // steps of one size at least
    const std::string& called_because() const { return called_because_; } // empty: all captured

  private:
    // Steps of one size read and write their own buffers: a recorded step is bound to them.
    struct Buffers {
        host::BatchBuffers batch, companion;
    };

    void begin(int64_t from);
    void make_steps(int64_t from, const BetweenSteps&);
    bool without_data() const { return plan_.phase.data == MNEME_NO_DATA; }
    void begin_epoch(int64_t step); // where one begins or ends with this step
    void end_epoch(int64_t step);
    at::Tensor next_positions(int64_t step); // in the phase's examples, [S or 1, B]
    void gather(const at::Tensor& positions, host::Rows&);
    void observe(const at::Tensor& positions, bool is_padding);
    void observe(const mneme_batch&, const mneme_batch* companion);
    void flush_what_can_be_read(int64_t steps);

    const RunParts& parts_;
    const PhasePlan& plan_;
    CurveProgress& curve_;
    at::Tensor subset_; // [S, rows], where a phase takes fewer examples than there are
    at::Tensor order_;  // [S, rows] of epoch `epoch_`
    int64_t epoch_ = -1;
    std::map<std::pair<int64_t, bool>, Buffers> buffers_; // by rows, and whether it is padding
    struct PendingPoint {                                 // of the curve, not read yet
        int64_t point, step;
        at::Tensor sum, weight; // [S]
    };
    std::vector<PendingPoint> pending_;
    bool captured_ = false;
    std::string called_because_;
};

} // namespace mneme::harness
