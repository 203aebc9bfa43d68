// SPDX-License-Identifier: Apache-2.0
#include "supervisor/worker_exit.hpp"

#include <signal.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <tuple>

#include <fmt/format.h>

namespace mneme::supervisor {
namespace {

constexpr int cannot_load = 127; // of the dynamic loader: a library is missing

std::string signal_name(int number) {
    const char* name = strsignal(number);
    std::string text = name ? name : "unknown";
    text[0] = char(std::tolower(static_cast<unsigned char>(text[0])));
    return fmt::format("signal {} ({}{})", number, text,
                       number == SIGKILL ? "; by hand, or by the system for want of memory" : "");
}

} // namespace

bool WorkerPosition::take(const protocol::Progress& progress) {
    const auto count = [](std::int64_t number) { return std::max<std::int64_t>(number, 0); };
    WorkerPosition next{progress.stage,
                        progress.phase,
                        count(progress.task),
                        count(progress.tasks),
                        count(progress.step),
                        count(progress.steps),
                        progress.accuracy ? progress.accuracy : accuracy,
                        std::clamp(progress.share, 0.0, 1.0)};
    const auto place = [](const WorkerPosition& b) {
        return std::tie(b.stage, b.phase, b.task, b.tasks, b.step, b.steps);
    };
    const bool moved = place(next) != place(*this);
    *this = next;
    return moved;
}

void WorkerPosition::take_step(const protocol::SharedPosition::Value& at) {
    if (stage == "train" && task == at.task + 1 && at.step > step) step = at.step;
}

std::string WorkerPosition::text() const {
    if (stage.empty()) return "before the first message";
    if (task == 0) return "stage " + stage;
    if (stage != "train") return fmt::format("task {}, stage {}", task, stage);
    return fmt::format("task {}, phase {}, step {}", task, phase.empty() ? "train" : phase, step);
}

double WorkerPosition::share() const {
    if (tasks == 0 || task == 0) return 0;
    const double inside = stage == "train" ? stage_share : stage == "load" ? 0 : 1;
    return std::min(1.0, (double(task - 1) + inside) / double(tasks));
}

std::string WorkerExit::reason() const {
    if (cause != ExitCause::exited && cause != ExitCause::signalled) return limit;
    if (cause == ExitCause::signalled) return signal_name(status);
    if (failure) return failure->message;
    if (status == cannot_load && last.stage.empty())
        return fmt::format("the worker could not be loaded: {}",
                           last_line.empty() ? "it did not say why" : last_line);
    return status == 0 ? "the worker ended without a result"
                       : fmt::format("the worker ended with exit code {}", status);
}

} // namespace mneme::supervisor
