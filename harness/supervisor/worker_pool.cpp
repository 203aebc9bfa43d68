// SPDX-License-Identifier: Apache-2.0
#include "supervisor/worker_pool.hpp"

#include <poll.h>
#include <algorithm>
#include <csignal>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "supervisor/worker_process.hpp"

namespace mneme::supervisor {
namespace {

class WorkerPool final {
  public:
    WorkerPool(std::size_t count, std::size_t at_once, JobHandler& handler,
               const StopSignals& signals)
        : count_(count), at_once_(std::max<std::size_t>(at_once, 1)), handler_(handler),
          signals_(signals) {}

    int work() {
        while (true) {
            handle_signals(); // one that came before the first worker starts none
            start_workers();
            if (running_.empty()) return signal_;
            wait();
            handle_signals();
            for (auto& worker : running_) {
                worker->read_messages(handler_);
                worker->read_log();
                worker->check_limits();
            }
            reap();
            handler_.on_tick();
        }
    }

  private:
    void start_workers() {
        while (signal_ == 0 && started_ < count_ && running_.size() < at_once_) {
            const std::size_t index = handler_.next();
            ++started_;
            const Job job = handler_.job(index);
            running_.push_back(std::make_unique<WorkerProcess>(index, job));
            handler_.on_start(running_.back()->index(), running_.back()->pid());
        }
    }

    void wait() const {
        std::vector<pollfd> watched{{signals_.descriptor(), POLLIN, 0}};
        for (const auto& worker : running_) // poll() passes over the -1 of a closed one
            for (int descriptor : {worker->messages(), worker->log()})
                watched.push_back({descriptor, POLLIN, 0});
        poll(watched.data(), nfds_t(watched.size()), 200);
    }

    void handle_signals() {
        while (const int number = signals_.next()) {
            if (signal_ == 0) signal_ = number;
            else if (number == SIGINT)
                for (auto& worker : running_) worker->kill_group();
            for (auto& worker : running_)
                worker->stop(ExitCause::interrupted,
                             fmt::format("stopped by signal {} to mneme", number));
        }
    }

    void reap() {
        for (std::size_t i = 0; i < running_.size();) {
            const auto exit = running_[i]->reap(handler_);
            if (!exit) {
                ++i;
                continue;
            }
            const std::size_t index = running_[i]->index();
            running_.erase(running_.begin() + std::ptrdiff_t(i)); // first: its log is then whole
            handler_.on_end(index, *exit);
        }
    }

    std::size_t count_, at_once_, started_ = 0;
    JobHandler& handler_;
    const StopSignals& signals_;
    std::vector<std::unique_ptr<WorkerProcess>> running_;
    int signal_ = 0;
};

} // namespace

int run_jobs(std::size_t count, std::size_t at_once, JobHandler& handler,
             const StopSignals& signals) {
    return WorkerPool(count, at_once, handler, signals).work();
}

} // namespace mneme::supervisor
