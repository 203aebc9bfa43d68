// SPDX-License-Identifier: Apache-2.0
#include "supervisor/query_worker.hpp"

#include <fmt/format.h>
#include <base/error.hpp>

#include "supervisor/signals.hpp"

namespace mneme::supervisor {
namespace {

using base::ExitCode;

class QueryHandler final : public JobHandler {
  public:
    using OnMessage = std::function<void(const protocol::Message&)>;

    QueryHandler(Job job, OnMessage also) : job_(std::move(job)), also_(std::move(also)) {}

    Job job(std::size_t) override { return job_; }
    void on_message(std::size_t, const protocol::Message& message, const WorkerPosition&) override {
        answer.messages.push_back(message);
        if (also_) also_(message);
    }
    void on_end(std::size_t, const WorkerExit& exit) override { answer.exit = exit; }

    Answer answer;

  private:
    const Job job_;
    const OnMessage also_;
};

} // namespace

Answer query_worker(const Launch& launch, const std::filesystem::path& log, const Limits& limits,
                    std::function<void(const protocol::Message&)> on_message) {
    QueryHandler handler({launch, log, limits}, std::move(on_message));
    handler.answer.program = launch.program;
    const StopSignals signals;
    const int signal = run_jobs(1, 1, handler, signals);
    handler.answer.signal = signal;
    return std::move(handler.answer);
}

void require_answer(const Answer& answer, const std::string& question) {
    if (answer.signal != 0)
        throw base::ExitError(stop_code(answer.signal),
                              fmt::format("{}: stopped by signal {}", question, answer.signal));
    // Somebody ends every process of this job; the signal to us is on its way.
    const int status = answer.exit.status;
    if (answer.exit.cause == ExitCause::signalled &&
        (status == SIGTERM || status == SIGINT || status == SIGHUP || status == SIGUSR1))
        throw base::ExitError(
            ExitCode::temporary,
            fmt::format("{}: the worker was stopped by signal {}; run the same command again",
                        question, status));
    if (const auto* failure = answer.find<protocol::Failure>())
        throw base::ExitError(failure->exit, failure->message);
}

void refuse_silence(const Answer& answer, const std::string& question) {
    throw base::ExitError(
        ExitCode::internal,
        fmt::format("{}: no answer from {}: {}; `mneme doctor` says what works here", question,
                    answer.program.string(), answer.exit.reason()));
}

} // namespace mneme::supervisor
