// SPDX-License-Identifier: Apache-2.0
#include "scheduler/run_scheduler.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <system_error>

#include <fmt/format.h>
#include <base/system.hpp>

#include "protocol/requests.hpp"
#include "protocol/run_record.hpp"
#include "protocol/same_data.hpp"
#include "scheduler/device.hpp"
#include "scheduler/run_state.hpp"
#include "scheduler/start_counter.hpp"

namespace mneme::scheduler {
namespace {

using base::ExitCode;
using results::Outcome;
using supervisor::ExitCause;
using supervisor::Job;
using supervisor::WorkerExit;
using supervisor::WorkerPosition;

// LibTorch maps about 0.7 GB that it never touches; the exact limit is the one on resident memory.
constexpr std::uint64_t mapped_by_libraries = std::uint64_t(2) << 30;

// A file put in place later is another file.
std::pair<std::uint64_t, std::int64_t> mark(const std::filesystem::path& path) {
    struct stat info {};
    if (stat(path.c_str(), &info) != 0) return {0, 0};
    return {std::uint64_t(info.st_ino),
            std::int64_t(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec};
}

bool address_space_can_be_limited(const protocol::Cell& cell) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    (void)cell;
    return false; // a sanitizer maps terabytes
#else
    return cell.execution.device == "cpu"; // so does CUDA
#endif
}

// The file that tells a worker server what to read; nothing where cells read different data: each
// worker would have those of the others in its memory, too.
std::vector<std::string> common_data(const std::vector<protocol::Cell>& cells,
                                     const std::filesystem::path& file) {
    const protocol::Data& first = cells.front().data;
    if (first.benchmark.payload.empty()) return {};
    for (const protocol::Cell& cell : cells)
        if (!protocol::same_data(cell.data, first)) return {};
    protocol::write_request(file, first);
    return {file.string()};
}

} // namespace

RunScheduler::RunScheduler(const supervisor::WorkerProgram& worker, const ResultsFolder& folder,
                           const base::StatusOutput& output, std::vector<protocol::Cell> cells,
                           const StartCounter* starts)
    : worker_(worker), folder_(folder), output_(output), cells_(std::move(cells)), starts_(starts),
      progress_(output, cells_),
      gpus_(!cells_.empty() && cells_.front().execution.device == "cuda" ? GpuPool(visible_gpus)
                                                                         : GpuPool()) {}

// Its own for each process: others may be at the same cell, and remove theirs when they are done.
std::filesystem::path RunScheduler::request(const protocol::Cell& cell) const {
    return folder_.cell(
        fmt::format("{}.{}.{}", cell.runs.front().digest, base::host_name(), getpid()));
}

int RunScheduler::run(std::size_t at_once, const supervisor::StopSignals& signals) {
    if (at_once == 0 && !cells_.empty()) at_once = workers_at_once(cells_.front().execution.device);
    progress_.set_workers(at_once);
    if (at_once > 1) order_.emplace(cells_);
    const auto data =
        folder_.cell(fmt::format("data.{}.{}", base::host_name(), getpid())); // for the server
    if (cells_.size() > 1)
        server_.emplace(
            worker_launch(worker_, common_data(cells_, data), cells_.front().execution.threads));
    const int signal = run_jobs(cells_.size(), at_once, *this, signals);
    server_.reset();
    progress_.clear();
    if (!cells_.empty()) {
        std::error_code ignored;
        std::filesystem::remove(state_file(), ignored);
        std::filesystem::remove(data, ignored);
    }
    return signal;
}

std::filesystem::path RunScheduler::state_file() const {
    return folder_.paths().progress(cells_.front().runs.front().digest);
}

// Where it cannot be written, nobody sees it; the runs go on.
void RunScheduler::publish() {
    const auto now = Clock::now();
    if (now < publish_at_) return;
    try {
        write_state(state_file(), progress_.state());
    } catch (const std::system_error&) {
    }
    // On a slow disk it takes a twentieth of the time at most.
    publish_at_ = Clock::now() +
                  std::max<Clock::duration>(std::chrono::seconds(1), 20 * (Clock::now() - now));
}

std::size_t RunScheduler::count(Outcome outcome) const {
    const auto found = counts_.find(outcome);
    return found == counts_.end() ? 0 : found->second;
}

std::size_t RunScheduler::next() {
    return order_ ? order_->next(progress_.costs()) : JobHandler::next();
}

Job RunScheduler::job(std::size_t index) {
    const protocol::Cell& cell = cells_[index];
    const std::string& name = cell.runs.front().digest;
    for (const protocol::Run& run : cell.runs) before_[run.digest] = mark(folder_.run(run.digest));
    protocol::write_request(request(cell), cell);
    if (starts_) starts_->add(cell);

    Job job{worker_launch(worker_, {"run", request(cell).string()}, cell.execution.threads),
            folder_.log(name),
            {}};
    if (server_) job.launch.server = &*server_;
    if (!gpus_.empty())
        job.launch.environment.push_back(
            {"CUDA_VISIBLE_DEVICES", gpus_.name(on_gpu_[index] = gpus_.take())});
    static_cast<protocol::Limits&>(job.limits) = cell.limits;
    if (cell.limits.memory_mib > 0 && address_space_can_be_limited(cell))
        job.launch.address_space =
            (std::uint64_t(cell.limits.memory_mib) << 20) + mapped_by_libraries;
    return job;
}

void RunScheduler::on_start(std::size_t index, pid_t pid) {
    progress_.begin(index);
    folder_.note({{"event", "cell_started"},
                  {"cell", title(cells_[index])},
                  {"run", cells_[index].runs.front().digest},
                  {"pid", pid}});
}

void RunScheduler::on_message(std::size_t index, const protocol::Message& message,
                              const WorkerPosition& at) {
    if (const auto* begun = std::get_if<protocol::Begun>(&message)) {
        for (const protocol::RunBegun& run : begun->runs)
            restarts_[run.digest] = std::max(run.restarts, 0);
        if (starts_) starts_->note(cells_[index], *begun);
    }
    if (!std::holds_alternative<protocol::Progress>(message)) return;
    progress_.move(index, at);
    if (at.stage == "end_task")
        folder_.note({{"event", "task_ended"},
                      {"run", cells_[index].runs.front().digest},
                      {"task", at.task},
                      {"tasks", at.tasks}});
}

// Only what the worker itself said to be temporary is: a plugin may end its process with any code.
std::optional<std::pair<Outcome, std::string>> RunScheduler::outcome_without_file(
    const WorkerExit& exit) {
    switch (exit.cause) {
        case ExitCause::interrupted: return std::nullopt;
        case ExitCause::time_limit: return {{Outcome::timeout, exit.message()}};
        case ExitCause::resource_limit:
        case ExitCause::signalled: return {{Outcome::failed, exit.message()}};
        case ExitCause::exited: break;
    }
    if (!exit.failure) return {{Outcome::failed, exit.message()}};
    const ExitCode code = exit.failure->exit;
    if (code == ExitCode::temporary) {
        temporary_ = true;
        return std::nullopt;
    }
    if (code == ExitCode::bad_input || code == ExitCode::plugin_refused) {
        refusal_ = code;
        return {{Outcome::refused, exit.reason()}};
    }
    return {{Outcome::failed, exit.message()}};
}

std::int32_t RunScheduler::restarts(const protocol::Cell& cell, const protocol::Run& run) const {
    const auto said = restarts_.find(run.digest);
    return said == restarts_.end() ? StartCounter(folder_.paths()).restarts(cell, run)
                                   : said->second;
}

void RunScheduler::record_outcome(const protocol::Cell& cell, const protocol::Run& run,
                                  const WorkerExit& exit, std::string& how) {
    const auto file = folder_.run(run.digest);
    std::optional<std::pair<Outcome, std::string>> found;
    double accuracy = std::nan("");
    if (mark(file) != before_[run.digest]) { // the worker wrote it
        try {
            const results::Block block = read_run(file);
            found = {outcome_of(block), block.outcome_message.at({0, 0})};
            accuracy = average_accuracy(block);
        } catch (const std::runtime_error& error) {
            found = {Outcome::failed,
                     fmt::format("the worker left a file that cannot be read: {}", error.what())};
            protocol::write_record(file, cell, run, found->first, found->second,
                                   restarts(cell, run));
        }
    } else if ((found = outcome_without_file(exit))) {
        protocol::write_record(file, cell, run, found->first, found->second, restarts(cell, run));
    }
    if (found) {
        ++counts_[found->first];
        recorded_.insert(run.digest);
    }
    const std::string outcome = found ? results::name(found->first) : "not finished";
    how =
        outcome + (std::isnan(accuracy) ? "" : fmt::format(", average accuracy {:.4f}", accuracy));
    const std::string message = found ? found->second : exit.message();
    folder_.note({{"event", "run_ended"},
                  {"run", run.digest},
                  {"benchmark", cell.spec().name},
                  {"method", run.label},
                  {"seed", run.seed},
                  {"outcome", outcome},
                  {"message", found && found->first == Outcome::complete ? "" : message},
                  {"seconds", exit.seconds},
                  {"peak_resident_bytes", exit.peak_resident}});
    if (found && found->first == Outcome::complete) return;
    std::error_code ignored;
    const auto log = folder_.log(cell.runs.front().digest);
    output_.warn(fmt::format(
        "{}, seed {}, {}: {}: {}{}", run.label, run.seed, cell.spec().name, outcome, message,
        std::filesystem::exists(log, ignored) ? fmt::format(" (its log: {})", log.string()) : ""));
}

void RunScheduler::on_end(std::size_t index, const WorkerExit& exit) {
    const protocol::Cell& cell = cells_[index];
    std::string how;
    for (const protocol::Run& run : cell.runs) record_outcome(cell, run, exit, how);
    if (starts_ && std::all_of(cell.runs.begin(), cell.runs.end(),
                               [&](const protocol::Run& run) { return recorded(run.digest); }))
        starts_->forget(cell);
    std::error_code ignored;
    std::filesystem::remove(request(cell), ignored);
    if (const auto gpu = on_gpu_.find(index); gpu != on_gpu_.end()) {
        gpus_.give_back(gpu->second);
        on_gpu_.erase(gpu);
    }
    progress_.end(index, how);
}

} // namespace mneme::scheduler
