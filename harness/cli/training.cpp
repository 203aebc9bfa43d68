// SPDX-License-Identifier: Apache-2.0
#include "cli/training.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "cli/ask.hpp"
#include "cli/device.hpp"
#include "cli/exit_code.hpp"
#include "cli/run_state.hpp"
#include "protocol/requests.hpp"
#include "protocol/run_record.hpp"

namespace mneme::cli {
namespace {

using results::Outcome;

// LibTorch maps about 0.7 GB that it never touches; the exact limit is the one on resident memory.
constexpr std::uint64_t mapped_by_libraries = std::uint64_t(2) << 30;

// A file put in place later is another file.
std::pair<std::uint64_t, std::int64_t> mark(const std::filesystem::path& path) {
    struct stat info {};
    if (stat(path.c_str(), &info) != 0) return {0, 0};
    return {std::uint64_t(info.st_ino),
            std::int64_t(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec};
}

bool address_space_can_be_limited(const harness::Cell& cell) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    (void)cell;
    return false; // a sanitizer maps terabytes
#else
    return cell.execution.device == "cpu"; // so does CUDA
#endif
}

} // namespace

std::string title(const harness::Cell& cell) {
    std::set<std::string> labels;
    std::vector<std::string> seeds;
    for (const harness::Run& run : cell.runs) {
        labels.insert(run.label);
        seeds.push_back(std::to_string(run.seed));
    }
    const std::string who = labels.size() == 1
                                ? *labels.begin()
                                : fmt::format("{} ({} points)", cell.plugin.id, labels.size());
    const std::string which =
        labels.size() > 1
            ? fmt::format("{} runs", cell.runs.size())
            : fmt::format("seed{} {}", seeds.size() > 1 ? "s" : "", fmt::join(seeds, " "));
    return fmt::format("{}, {}, {}", who, which, cell.spec().name);
}

Training::Training(const std::filesystem::path& torch, const ResultsFolder& folder,
                   const Console& console, std::vector<harness::Cell> cells)
    : torch_(torch), folder_(folder), console_(console), cells_(std::move(cells)),
      progress_(console, cells_.size()),
      gpus_(!cells_.empty() && cells_.front().execution.device == "cuda"
                ? visible_gpus()
                : std::vector<std::string>{}) {}

std::size_t Training::idle_gpu() const {
    std::vector<std::size_t> workers(gpus_.size());
    for (const auto& [cell, gpu] : on_gpu_) ++workers[gpu];
    return std::size_t(std::min_element(workers.begin(), workers.end()) - workers.begin());
}

int Training::run(std::size_t at_once) {
    const bool cuda = !cells_.empty() && cells_.front().execution.device == "cuda";
    if (at_once == 0)
        at_once =
            std::max<std::size_t>(1, cuda ? gpus_.size() : std::thread::hardware_concurrency());
    const int signal = supervise(cells_.size(), at_once, *this);
    progress_.clear();
    return signal;
}

std::size_t Training::count(Outcome outcome) const {
    const auto found = counts_.find(outcome);
    return found == counts_.end() ? 0 : found->second;
}

Job Training::job(std::size_t index) {
    const harness::Cell& cell = cells_[index];
    const std::string& name = cell.runs.front().digest;
    for (const harness::Run& run : cell.runs) before_[run.digest] = mark(folder_.run(run.digest));
    protocol::write_request(folder_.cell(name), cell);

    Job job{worker_launch(torch_, {"run", folder_.cell(name).string()}, cell.execution.threads),
            folder_.log(name),
            {}};
    if (!gpus_.empty())
        job.launch.environment.push_back(
            {"CUDA_VISIBLE_DEVICES", gpus_[on_gpu_[index] = idle_gpu()]});
    job.limits.wall_s = cell.limits.wall_s;
    job.limits.stall_s = cell.limits.stall_s;
    job.limits.memory_bytes = std::uint64_t(cell.limits.memory_mib) << 20;
    if (cell.limits.memory_mib > 0 && address_space_can_be_limited(cell))
        job.launch.address_space = job.limits.memory_bytes + mapped_by_libraries;
    return job;
}

void Training::on_start(std::size_t index, pid_t pid) {
    progress_.begin(index, title(cells_[index]));
    folder_.note({{"event", "cell_started"},
                  {"cell", title(cells_[index])},
                  {"run", cells_[index].runs.front().digest},
                  {"pid", pid}});
}

void Training::on_message(std::size_t index, const protocol::Message& message,
                          const Breadcrumb& at) {
    if (!std::holds_alternative<protocol::Progress>(message)) return;
    progress_.move(index, at);
    if (at.stage == "end_task")
        folder_.note({{"event", "task_ended"},
                      {"run", cells_[index].runs.front().digest},
                      {"task", at.task},
                      {"tasks", at.tasks}});
}

std::optional<std::pair<Outcome, std::string>> Training::verdict(const Ending& ending) {
    switch (ending.cause) {
        case Cause::interrupted: return std::nullopt;
        case Cause::wall_limit:
        case Cause::stall_limit: return {{Outcome::timeout, ending.message()}};
        case Cause::memory_limit:
        case Cause::signalled: return {{Outcome::failed, ending.message()}};
        case Cause::exited: break;
    }
    using base::ExitCode;
    const auto code = ending.failure ? ending.failure->exit : base::exit_code_from(ending.status);
    if (code == ExitCode::temporary || ending.status == static_cast<int>(ExitCode::temporary)) {
        temporary_ = true;
        return std::nullopt;
    }
    if (ending.failure && (code == ExitCode::bad_input || code == ExitCode::plugin_refused)) {
        refusal_ = static_cast<int>(code);
        return {{Outcome::refused, ending.reason()}};
    }
    return {{Outcome::failed, ending.message()}};
}

void Training::settle(const harness::Cell& cell, const harness::Run& run, const Ending& ending,
                      std::string& how) {
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
            protocol::write_record(file, cell, run, found->first, found->second);
        }
    } else if ((found = verdict(ending))) {
        protocol::write_record(file, cell, run, found->first, found->second);
    }
    if (found) {
        ++counts_[found->first];
        settled_.insert(run.digest);
    }
    const std::string outcome = found ? results::name(found->first) : "not finished";
    how =
        outcome + (std::isnan(accuracy) ? "" : fmt::format(", average accuracy {:.4f}", accuracy));
    const std::string message = found ? found->second : ending.message();
    folder_.note({{"event", "run_ended"},
                  {"run", run.digest},
                  {"benchmark", cell.spec().name},
                  {"method", run.label},
                  {"seed", run.seed},
                  {"outcome", outcome},
                  {"message", found && found->first == Outcome::complete ? "" : message},
                  {"seconds", ending.seconds},
                  {"peak_resident_bytes", ending.peak_resident}});
    if (found && found->first == Outcome::complete) return;
    std::error_code ignored;
    const auto log = folder_.log(cell.runs.front().digest);
    console_.warn(fmt::format(
        "{}, seed {}, {}: {}: {}{}", run.label, run.seed, cell.spec().name, outcome, message,
        std::filesystem::exists(log, ignored) ? fmt::format(" (its log: {})", log.string()) : ""));
}

void Training::on_end(std::size_t index, const Ending& ending) {
    const harness::Cell& cell = cells_[index];
    std::string how;
    for (const harness::Run& run : cell.runs) settle(cell, run, ending, how);
    std::error_code ignored;
    std::filesystem::remove(folder_.cell(cell.runs.front().digest), ignored);
    on_gpu_.erase(index);
    progress_.end(index, how);
}

} // namespace mneme::cli
