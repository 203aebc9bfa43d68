// SPDX-License-Identifier: Apache-2.0
#include "cli/ask.hpp"

#include <cstdlib>

#include <fmt/format.h>
#include <base/error.hpp>

#include "cli/folders.hpp"

namespace mneme::cli {
namespace {

class OneQuestion final : public Audience {
  public:
    OneQuestion(const Launch& launch, const std::filesystem::path& log, const Limits& limits)
        : job_{launch, log, limits} {}

    Job job(std::size_t) override { return job_; }
    void on_message(std::size_t, const protocol::Message& message, const Breadcrumb&) override {
        answer.messages.push_back(message);
    }
    void on_end(std::size_t, const Ending& ending) override { answer.ending = ending; }

    Answer answer;

  private:
    const Job job_;
};

} // namespace

Launch worker_launch(const std::filesystem::path& torch, std::vector<std::string> arguments,
                     int threads) {
    Launch launch{worker_program(), std::move(arguments), {}, 0};
    for (const char* name : {"OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"})
        launch.environment.push_back({name, std::to_string(threads)});
    if (const auto folder = torch_library_folder(torch); !folder.empty()) {
        const char* before = std::getenv("LD_LIBRARY_PATH");
        launch.environment.push_back(
            {"LD_LIBRARY_PATH",
             folder.string() + (before && *before ? ":" + std::string(before) : "")});
    }
    return launch;
}

Answer ask(const Launch& launch, const std::filesystem::path& log, const Limits& limits) {
    OneQuestion question(launch, log, limits);
    const int signal = supervise(1, 1, question);
    question.answer.signal = signal;
    return std::move(question.answer);
}

void require_answer(const Answer& answer, const std::string& question) {
    if (answer.signal != 0)
        throw base::ExitError(base::ExitCode::interrupted,
                              fmt::format("{}: stopped by signal {}", question, answer.signal));
    if (const auto* failure = answer.find<protocol::Failure>())
        throw base::ExitError(failure->exit, answer.ending.reason());
}

void refuse_silence(const Answer& answer, const std::string& question) {
    throw base::ExitError(base::ExitCode::internal,
                          fmt::format("{}: no answer from {}: {}; `mneme doctor` says what works "
                                      "here",
                                      question, worker_program().string(), answer.ending.reason()));
}

} // namespace mneme::cli
