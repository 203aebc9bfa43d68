// SPDX-License-Identifier: Apache-2.0
#include "supervisor/worker_process.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include <fmt/format.h>
#include <base/clock.hpp>

#include "protocol/worker_child.hpp"
#include "supervisor/guardian.hpp"

namespace mneme::supervisor {
namespace {

constexpr double longest_step_s = 1;            // of a clock: five times the time between two looks
constexpr std::size_t longest_line = 16u << 20; // `describe` of a large plugin is far below this

// Appends what can be read now, at most 256 KiB so that a flood in one worker leaves time for the
// others; false at the end of the stream.
bool drain(int descriptor, std::string& into) {
    std::array<char, 65536> buffer;
    for (int turns = 0; turns < 4; ++turns) {
        const ssize_t got = read(descriptor, buffer.data(), buffer.size());
        if (got == 0) return false;
        if (got < 0) return errno == EAGAIN || errno == EINTR;
        into.append(buffer.data(), std::size_t(got));
    }
    return true;
}

Launch with_messages(Launch launch) {
    launch.arguments.insert(launch.arguments.begin(),
                            {"--fd", std::to_string(protocol::message_descriptor)});
    return launch;
}

} // namespace

WorkerProcess::WorkerProcess(std::size_t index, const Job& job)
    : index_(index), limits_(job.limits), child_(start(with_messages(job.launch))),
      log_(job.log, job.limits.log_bytes), begun_(Clock::now()), looked_(begun_) {}

WorkerProcess::~WorkerProcess() {
    if (reaped_) return;
    kill_group();
    waitpid(child_.pid, nullptr, 0);
    Guardian::instance().forget(child_.pid);
}

void WorkerProcess::kill_group() { kill_all(child_.pid, child_.mark); }

void WorkerProcess::take_line(const std::string& line, JobHandler& handler) {
    const auto message = protocol::read_message(line);
    if (!message) {
        log_.add(fmt::format("[not a message on descriptor 3: {}]\n", line.substr(0, 200)));
        return;
    }
    bool moved = true;
    if (const auto* progress = std::get_if<protocol::Progress>(&*message))
        moved = exit_.last.take(*progress);
    if (const auto* shared = std::get_if<protocol::Positioned>(&*message))
        if (auto at = protocol::SharedPosition::of_worker(child_.pid, shared->descriptor))
            position_.emplace(std::move(*at));
    if (const auto* log = std::get_if<protocol::Log>(&*message)) {
        log_.add(log->line + "\n");
        moved = false; // a plugin that only talks makes no progress
    }
    if (const auto* failure = std::get_if<protocol::Failure>(&*message)) exit_.failure = *failure;
    if (moved) moved_s_ = usable_s_;
    handler.on_message(index_, *message, exit_.last);
}

void WorkerProcess::read_messages(JobHandler& handler) {
    if (!child_.messages.open()) return;
    const bool more = drain(child_.messages.number(), pending_);
    std::size_t begin = 0, end;
    while ((end = pending_.find('\n', begin)) != std::string::npos) {
        if (!overlong_ && end > begin) take_line(pending_.substr(begin, end - begin), handler);
        overlong_ = false;
        begin = end + 1;
    }
    pending_.erase(0, begin);
    if (pending_.size() > longest_line) {
        overlong_ = true;
        pending_.clear();
    }
    if (!more) child_.messages.close();
}

void WorkerProcess::read_log() {
    if (!child_.log.open()) return;
    std::string text;
    const bool more = drain(child_.log.number(), text);
    log_.add(text);
    if (!more) child_.log.close();
}

void WorkerProcess::stop(ExitCause cause, const std::string& why) {
    if (cause_) return;
    cause_ = cause;
    exit_.limit = why;
    kill(-child_.pid, SIGTERM);
    kill_at_s_ = passed_s_ + limits_.grace_s;
}

// A step that is longer than two looks have between them is one in which we did not run: the job
// was suspended, or the machine slept.
void WorkerProcess::advance_clocks() {
    const double step = std::min(base::seconds_since(looked_), longest_step_s);
    looked_ = Clock::now();
    passed_s_ += step;
    if (!is_stopped(child_.pid)) usable_s_ += step;
}

void WorkerProcess::check_limits() {
    advance_clocks();
    exit_.peak_resident = std::max(exit_.peak_resident, resident_bytes(child_.pid));
    if (limits_.wall_s > 0 && usable_s_ > limits_.wall_s)
        stop(ExitCause::time_limit,
             fmt::format("stopped after {} s, the wall-clock limit; a larger "
                         "wall_limit_s would let it go on",
                         limits_.wall_s));
    if (limits_.stall_s > 0 && usable_s_ - moved_s_ > limits_.stall_s)
        stop(ExitCause::time_limit,
             fmt::format("no progress for {} s; a larger stall_limit_s would let it go on",
                         limits_.stall_s));
    if (limits_.memory_mib > 0 && exit_.peak_resident > std::uint64_t(limits_.memory_mib) << 20)
        stop(ExitCause::resource_limit,
             fmt::format("{} MiB of memory in use, the limit is {} MiB; a larger memory_limit_mib "
                         "would let it go on",
                         exit_.peak_resident >> 20, limits_.memory_mib));
    if (kill_at_s_ && passed_s_ >= *kill_at_s_) kill_group();
}

std::optional<WorkerExit> WorkerProcess::reap(JobHandler& handler) {
    siginfo_t info{};
    if (waitid(P_PID, id_t(child_.pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        info.si_pid == 0)
        return std::nullopt;
    kill_group(); // what the worker started must not outlive it, nor hold our pipes open; before
                  // its number can be given away
    int status = 0;
    waitpid(child_.pid, &status, 0);
    reaped_ = true;
    Guardian::instance().forget(child_.pid);
    for (int turns = 0; turns < 64 && child_.messages.open(); ++turns) read_messages(handler);
    for (int turns = 0; turns < 64 && child_.log.open(); ++turns) read_log();
    if (position_) exit_.last.take_step(position_->read());
    exit_.seconds = base::seconds_since(begun_);
    exit_.last_line = log_.last_line();
    exit_.cause = cause_.value_or(WIFSIGNALED(status) ? ExitCause::signalled : ExitCause::exited);
    exit_.status = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    return exit_;
}

} // namespace mneme::supervisor
