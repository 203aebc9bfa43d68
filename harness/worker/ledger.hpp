// SPDX-License-Identifier: Apache-2.0
// The results of a cell's runs while they are made: scores, costs, curves, outcomes. It knows no
// tensor: whoever has read a device enters plain numbers, one for each run of the cell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <results/block.hpp>

namespace mneme::harness {

// The scores of one task's test examples.
struct TaskScores {
    int64_t task = 0;
    std::vector<int64_t> correct;            // by the rule of the scenario
    std::vector<double> loss;                // summed over the examples; not finite: unknown
    std::vector<int64_t> correct_task_aware; // among the task's own classes; empty: not scored
    std::vector<int64_t> confusion;          // [runs, C, C]; empty: not counted
    std::vector<int64_t> bin_count = {}, bin_correct = {}; // [runs, bins] of confidence; or empty
    std::vector<double> bin_confidence = {};
    std::vector<double> squared_error = {}; // [runs]; empty: not kept
    std::vector<int64_t> picks = {};        // [runs, examples], -1: none; empty: not kept
};

// One task as evaluated while another, or itself, is trained.
struct EvaluationPoint {
    int64_t task = 0, index = 0;       // the task that is trained, and the evaluation within it
    int64_t of_task = 0, of_phase = 0; // steps made of either
    int64_t evaluated = 0;             // the task that is evaluated
    std::vector<int64_t> correct;      // of each run
};

// The mean training loss at a point of a task's curve, as a sum over rows and its weight.
struct LossPoint {
    int64_t task = 0, point = 0;
    int64_t step = 0; // steps of the phase that had been made
    std::vector<double> sum, weight;
};

// After how many steps of the phase a weight was found not to be finite; -1: all are finite.
using NonfiniteSteps = std::vector<int64_t>;

// What the steps of a phase have left since the measurements before.
struct PhaseMeasurements {
    int64_t task = 0, phase = 0;
    int64_t step = 0; // steps of the phase that have been made
    NonfiniteSteps nonfinite;
    std::vector<LossPoint> losses;
    std::vector<EvaluationPoint> evaluations;
    std::function<int64_t(int64_t step)> samples_of;
};

// A quantity that a method reports of a task: as many numbers a run as it has declared.
struct DiagnosticReport {
    int64_t task = 0;
    std::string name, units, help;
    std::vector<double> values; // run by run
};

struct Costs {
    double kept_bytes = 0, peak_rss_bytes = 0, peak_device_bytes = 0;
};

enum class Clock { train, end_task, evaluate };

class Ledger final {
  public:
    // One block a run; those of a checkpoint may hold results already.
    explicit Ledger(std::vector<results::Block> blocks);

    const std::vector<results::Block>& blocks() const { return blocks_; }
    bool diverged(std::size_t run) const;
    bool all_diverged() const;
    // Over the tasks up to `row`, as evaluated after task `row`, and the runs that have not
    // diverged. NaN: all have.
    double mean_accuracy(int64_t row) const;

    void set_data_digests(const std::vector<std::vector<std::string>>& of_task_and_run);
    void set_provenance(const std::string& key, const std::string& text);
    void set_outcome(results::Outcome, const std::string& message); // of runs that have none yet

    // `row` is the task after which the network was evaluated; -1: before any training. A run that
    // has diverged gets no further scores, costs or times: the rows behind that do not exist.
    void record_scores(int64_t row, const TaskScores&);
    // The network after a task: [runs, parameters] and [runs, statistics].
    void record_weights(int64_t task, std::span<const float> weights,
                        std::span<const float> statistics);
    void expect_evaluations(int64_t of_a_task); // makes room for so many within a task
    void record_costs(int64_t task, const Costs&);
    // Each number of several is a quantity of its own: NAME.1, NAME.2, ...
    void record_diagnostic(const DiagnosticReport&);
    void add_seconds(Clock, int64_t task, double seconds);

    void begin_phase(int64_t steps_recorded); // more than 0 where a checkpoint is resumed
    // A run that diverges is charged, and has points of its curve, up to the step where that was
    // found. It would have ended there by itself, so nothing of it depends on its neighbours.
    void record_phase(const PhaseMeasurements&);
    void record_divergence(int64_t task, const NonfiniteSteps&); // at the end of a task

  private:
    void record_divergence(const std::string& place, std::size_t run);
    int64_t last_step(const PhaseMeasurements&, std::size_t run) const;

    std::vector<results::Block> blocks_;
    int64_t steps_recorded_ = 0; // of the phase
};

} // namespace mneme::harness
