// SPDX-License-Identifier: Apache-2.0
// Runs cells in workers and sees to it that every run of them leaves its record.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <base/error.hpp>
#include <base/status_output.hpp>
#include <plan/plan.hpp>
#include <results/block.hpp>

#include "scheduler/cell_order.hpp"
#include "scheduler/gpu_pool.hpp"
#include "scheduler/progress.hpp"
#include "scheduler/results_folder.hpp"
#include "supervisor/worker_pool.hpp"
#include "supervisor/worker_program.hpp"
#include "supervisor/worker_server.hpp"

namespace mneme::scheduler {

class StartCounter;

class RunScheduler final : public supervisor::JobHandler {
  public:
    // `cells` hold unfinished runs only. With a counter their starts are counted.
    RunScheduler(const supervisor::WorkerProgram&, const ResultsFolder&, const base::StatusOutput&,
                 std::vector<protocol::Cell> cells, const StartCounter* = nullptr);

    // What cells of the plan took before, for the time that is left.
    void set_earlier_costs(const CostBook& costs) { progress_.set_earlier_costs(costs); }

    // The signal that ended it, or 0. at_once 0: one worker a core, or a GPU.
    int run(std::size_t at_once, const supervisor::StopSignals&);

    bool anything_temporary() const { return temporary_; }
    std::optional<base::ExitCode> refusal() const {
        return refusal_;
    } // the exit code that a refusing worker asked for
    std::size_t count(results::Outcome) const;
    bool recorded(const std::string& digest) const {
        return recorded_.count(digest) > 0;
    } // it has a record of this time

  private:
    std::size_t next() override;
    supervisor::Job job(std::size_t) override;
    std::filesystem::path request(const protocol::Cell&) const; // where the worker reads the cell
    void on_start(std::size_t, pid_t) override;
    void on_message(std::size_t, const protocol::Message&,
                    const supervisor::WorkerPosition&) override;
    void on_end(std::size_t, const supervisor::WorkerExit&) override;
    void on_tick() override {
        progress_.draw();
        publish();
    }
    void publish(); // the state of progress_, once a second
    std::filesystem::path state_file() const;

    // What to record about runs that the worker left without a file; nothing when the worker can
    // simply be started again.
    std::optional<std::pair<results::Outcome, std::string>> outcome_without_file(
        const supervisor::WorkerExit&);
    std::int32_t restarts(const protocol::Cell&, const protocol::Run&) const;
    void record_outcome(const protocol::Cell&, const protocol::Run&, const supervisor::WorkerExit&,
                        std::string& how);

    const supervisor::WorkerProgram worker_;
    const ResultsFolder& folder_;
    const base::StatusOutput& output_;
    const std::vector<protocol::Cell> cells_;
    const StartCounter* const starts_;
    Progress progress_;
    std::optional<CellOrder> order_;                 // where several cells run at once
    std::optional<supervisor::WorkerServer> server_; // while more than one cell is to run
    using Clock = std::chrono::steady_clock;
    Clock::time_point publish_at_;
    GpuPool gpus_;                              // empty: workers choose by themselves
    std::map<std::size_t, std::size_t> on_gpu_; // running cell: its GPU
    std::map<std::string, std::pair<std::uint64_t, std::int64_t>>
        before_; // run digest: inode and time of an older file
    std::map<results::Outcome, std::size_t> counts_;
    std::set<std::string> recorded_;
    std::map<std::string, std::int32_t> restarts_; // by run, as its worker said
    bool temporary_ = false;
    std::optional<base::ExitCode> refusal_;
};

} // namespace mneme::scheduler
