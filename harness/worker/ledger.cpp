// SPDX-License-Identifier: Apache-2.0
#include "worker/ledger.hpp"

#include <algorithm>
#include <cmath>

namespace mneme::harness {
namespace {

using results::Block;
using results::Outcome;

std::size_t idx(int64_t i) { return static_cast<std::size_t>(i); }

// Counts start as NaN: a task that was never begun has none.
void add(double& count, double by) { count = (std::isnan(count) ? 0 : count) + by; }

int32_t outcome_of(const Block& block) { return block.outcome.at({0, 0}); }

std::size_t points_of_task(const Block& block) {
    return block.task_of_point.data.size() / block.tasks.size();
}

void record_confusion(Block& block, int64_t row, std::size_t task, const int64_t* counts) {
    const auto classes = block.confusion.shape.back();
    for (std::size_t k = 0; k < classes * classes; ++k) {
        auto& count = block.confusion.at({0, 0, idx(row), k / classes, k % classes});
        count = static_cast<int32_t>((task == 0 ? 0 : count) + counts[k]); // over all tasks
    }
}

template <class From, class To>
void copy_share(const std::vector<From>& of_all, std::size_t run, std::size_t runs, To* to) {
    const std::size_t size = of_all.size() / runs;
    for (std::size_t k = 0; k < size; ++k) to[k] = static_cast<To>(of_all[run * size + k]);
}

// Of one run, on one task after another.
void record_details(Block& block, int64_t row, const TaskScores& scores, std::size_t run,
                    std::size_t runs) {
    const auto j = idx(scores.task), tasks = block.tasks.size();
    if (!scores.bin_count.empty()) {
        const auto at = (idx(row) * tasks + j) * block.calibration_count.shape.back();
        copy_share(scores.bin_count, run, runs, block.calibration_count.data.data() + at);
        copy_share(scores.bin_correct, run, runs, block.calibration_correct.data.data() + at);
        copy_share(scores.bin_confidence, run, runs, block.calibration_confidence.data.data() + at);
    }
    if (!scores.squared_error.empty())
        block.calibration_squared_error.at({0, 0, idx(row), j}) = scores.squared_error[run];
    if (scores.picks.empty()) return;
    std::size_t at = idx(row) * block.predictions.shape.back();
    for (std::size_t t = 0; t < j; ++t) at += idx(block.n_evaluated.at({t}));
    copy_share(scores.picks, run, runs, block.predictions.data.data() + at);
}

// Where one of the numbers of a diagnostic lies, [1, 1, T]; it is made at the first report.
results::Array<double>& number_of(Block& block, const DiagnosticReport& report, std::size_t k,
                                  std::size_t length) {
    const auto number = std::to_string(k + 1);
    const auto name = length == 1 ? report.name : report.name + "." + number;
    const auto help =
        length == 1 ? report.help : report.help + ": " + number + " of " + std::to_string(length);
    const results::Array<double> unknown({1, 1, block.tasks.size()}, std::nan(""));
    return block.diagnostics.try_emplace(name, results::Diagnostic{report.units, help, unknown})
        .first->second.values;
}

} // namespace

Ledger::Ledger(std::vector<Block> blocks) : blocks_(std::move(blocks)) {}

bool Ledger::diverged(std::size_t run) const {
    return outcome_of(blocks_[run]) == static_cast<int32_t>(Outcome::diverged);
}

bool Ledger::all_diverged() const {
    return std::all_of(blocks_.begin(), blocks_.end(), [](const Block& block) {
        return outcome_of(block) == static_cast<int32_t>(Outcome::diverged);
    });
}

double Ledger::mean_accuracy(int64_t row) const {
    double sum = 0, runs = 0;
    for (std::size_t r = 0; r < blocks_.size(); ++r) {
        if (diverged(r)) continue;
        if (blocks_[r].n_correct.at({0, 0, idx(row), 0}) < 0) return std::nan("");
        ++runs;
        for (int64_t j = 0; j <= row; ++j)
            sum += static_cast<double>(blocks_[r].n_correct.at({0, 0, idx(row), idx(j)})) /
                   blocks_[r].n_evaluated.at({idx(j)});
    }
    return sum / static_cast<double>(row + 1) / runs;
}

void Ledger::set_data_digests(const std::vector<std::vector<std::string>>& digests) {
    for (std::size_t t = 0; t < digests.size(); ++t)
        for (std::size_t r = 0; r < blocks_.size(); ++r)
            blocks_[r].data_digest.at({0, t}) = digests[t][r];
}

void Ledger::set_provenance(const std::string& key, const std::string& text) {
    for (auto& block : blocks_) block.provenance[block.methods.front()][key] = text;
}

void Ledger::set_outcome(Outcome outcome, const std::string& message) {
    for (auto& block : blocks_) {
        if (outcome_of(block) != static_cast<int32_t>(Outcome::missing)) continue;
        block.outcome.at({0, 0}) = static_cast<int32_t>(outcome);
        block.outcome_message.at({0, 0}) = message;
    }
}

void Ledger::record_scores(int64_t row, const TaskScores& scores) {
    const auto j = idx(scores.task);
    for (std::size_t r = 0; r < blocks_.size(); ++r) {
        if (diverged(r)) continue;
        auto& block = blocks_[r];
        const auto correct = static_cast<int32_t>(scores.correct[r]);
        if (row < 0) {
            block.initial_correct.at({0, 0, j}) = correct;
            continue;
        }
        block.n_correct.at({0, 0, idx(row), j}) = correct;
        if (!scores.correct_task_aware.empty())
            block.n_correct_task_aware.at({0, 0, idx(row), j}) =
                static_cast<int32_t>(scores.correct_task_aware[r]);
        const double sum = scores.loss[r];
        block.loss.at({0, 0, idx(row), j}) =
            std::isfinite(sum) ? sum / block.n_evaluated.at({j}) : std::nan("");
        if (!scores.confusion.empty())
            record_confusion(
                block, row, j,
                scores.confusion.data() + r * (scores.confusion.size() / blocks_.size()));
        record_details(block, row, scores, r, blocks_.size());
    }
}

void Ledger::record_weights(int64_t task, std::span<const float> weights,
                            std::span<const float> statistics) {
    const auto put = [&](std::span<const float> of_all, std::size_t run,
                         results::Array<float>& to) {
        const std::size_t size = of_all.size() / blocks_.size();
        std::copy_n(of_all.begin() + static_cast<std::ptrdiff_t>(run * size), size,
                    to.data.begin() + static_cast<std::ptrdiff_t>(idx(task) * size));
    };
    for (std::size_t r = 0; r < blocks_.size(); ++r) {
        if (diverged(r)) continue;
        put(weights, r, blocks_[r].weights);
        if (!statistics.empty()) put(statistics, r, blocks_[r].weight_statistics);
    }
}

void Ledger::expect_evaluations(int64_t of_a_task) {
    for (auto& block : blocks_) {
        const std::size_t tasks = block.tasks.size();
        const std::size_t room = block.continual_step.empty() ? 0 : block.continual_step.shape[3];
        if (of_a_task < 1 || room >= idx(of_a_task)) continue;
        results::Array<int32_t> step({1, 1, tasks, idx(of_a_task)}, -1),
            correct({1, 1, tasks, idx(of_a_task), tasks}, -1);
        for (std::size_t t = 0; t < tasks; ++t)
            for (std::size_t k = 0; k < room; ++k) {
                step.at({0, 0, t, k}) = block.continual_step.at({0, 0, t, k});
                for (std::size_t j = 0; j < tasks; ++j)
                    correct.at({0, 0, t, k, j}) = block.continual_correct.at({0, 0, t, k, j});
            }
        block.continual_step = std::move(step), block.continual_correct = std::move(correct);
    }
}

void Ledger::record_costs(int64_t task, const Costs& costs) {
    for (std::size_t r = 0; r < blocks_.size(); ++r) {
        if (diverged(r)) continue;
        auto& block = blocks_[r];
        block.kept_bytes.at({0, 0, idx(task)}) = costs.kept_bytes;
        block.peak_rss_bytes.at({0, 0, idx(task)}) = costs.peak_rss_bytes;
        block.peak_device_bytes.at({0, 0, idx(task)}) = costs.peak_device_bytes;
    }
}

void Ledger::record_diagnostic(const DiagnosticReport& report) {
    const auto length = report.values.size() / blocks_.size();
    for (std::size_t r = 0; r < blocks_.size(); ++r) {
        if (diverged(r)) continue;
        for (std::size_t k = 0; k < length; ++k)
            number_of(blocks_[r], report, k, length).at({0, 0, idx(report.task)}) =
                report.values[r * length + k];
    }
}

void Ledger::add_seconds(Clock clock, int64_t task, double seconds) {
    for (std::size_t r = 0; r < blocks_.size(); ++r) {
        auto& block = blocks_[r];
        if (clock == Clock::evaluate) add(block.evaluate_seconds.at({0, 0, idx(task)}), seconds);
        if (diverged(r)) continue;
        if (clock == Clock::train) add(block.train_seconds.at({0, 0, idx(task)}), seconds);
        if (clock == Clock::end_task) add(block.end_task_seconds.at({0, 0, idx(task)}), seconds);
    }
}

void Ledger::begin_phase(int64_t steps_recorded) { steps_recorded_ = steps_recorded; }

int64_t Ledger::last_step(const PhaseMeasurements& m, std::size_t run) const {
    if (diverged(run)) return -1;
    return m.nonfinite[run] < 0 ? m.step : m.nonfinite[run];
}

void Ledger::record_phase(const PhaseMeasurements& m) {
    for (std::size_t r = 0; r < blocks_.size(); ++r) {
        auto& block = blocks_[r];
        const int64_t last = last_step(m, r);
        const auto points = points_of_task(block);
        for (const auto& p : m.losses)
            if (p.weight[r] > 0 && p.step <= last)
                block.train_loss.at({0, 0, idx(p.task) * points + idx(p.point)}) =
                    p.sum[r] / p.weight[r];
        for (const auto& p : m.evaluations) {
            if (p.of_phase > last) continue;
            const auto t = idx(p.task), k = idx(p.index);
            block.continual_step.at({0, 0, t, k}) = static_cast<int32_t>(p.of_task);
            block.continual_correct.at({0, 0, t, k, idx(p.evaluated)}) =
                static_cast<int32_t>(p.correct[r]);
        }
        if (last > steps_recorded_) {
            int64_t samples = 0;
            for (int64_t k = steps_recorded_; k < last; ++k) samples += m.samples_of(k);
            add(block.train_samples.at({0, 0, idx(m.task)}), static_cast<double>(samples));
            add(block.optimizer_steps.at({0, 0, idx(m.task)}),
                static_cast<double>(last - steps_recorded_));
        }
        if (m.nonfinite[r] >= 0)
            record_divergence("task " + std::to_string(m.task + 1) + ", phase " +
                                  std::to_string(m.phase + 1) + ", step " +
                                  std::to_string(m.nonfinite[r]),
                              r);
    }
    steps_recorded_ = m.step;
}

void Ledger::record_divergence(int64_t task, const NonfiniteSteps& nonfinite) {
    for (std::size_t r = 0; r < blocks_.size(); ++r)
        if (nonfinite[r] >= 0)
            record_divergence("task " + std::to_string(task + 1) + ", end of the task", r);
}

void Ledger::record_divergence(const std::string& place, std::size_t run) {
    if (diverged(run)) return;
    auto& block = blocks_[run];
    block.outcome.at({0, 0}) = static_cast<int32_t>(Outcome::diverged);
    block.outcome_message.at({0, 0}) =
        place + ": a weight is not finite; a smaller rate or penalty may help";
}

} // namespace mneme::harness
