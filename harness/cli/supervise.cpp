// SPDX-License-Identifier: Apache-2.0
#include "cli/supervise.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "cli/running.hpp"

namespace mneme::cli {
namespace {

// While it lives, signals come as readable bytes and interrupt nothing.
class Signals final {
  public:
    Signals() {
        sigset_t set;
        sigemptyset(&set);
        for (int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGCHLD}) sigaddset(&set, number);
        sigprocmask(SIG_BLOCK, &set, &before_);
        descriptor_ = Descriptor(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    }
    ~Signals() { sigprocmask(SIG_SETMASK, &before_, nullptr); }

    int descriptor() const { return descriptor_.number(); }

    // The next signal that asks us to stop, or 0.
    int next() const {
        signalfd_siginfo info{};
        while (read(descriptor_.number(), &info, sizeof info) == ssize_t(sizeof info))
            if (info.ssi_signo != SIGCHLD) return int(info.ssi_signo);
        return 0;
    }

  private:
    sigset_t before_;
    Descriptor descriptor_;
};

class Crew final {
  public:
    Crew(std::size_t count, std::size_t at_once, Audience& audience)
        : count_(count), at_once_(std::max<std::size_t>(at_once, 1)), audience_(audience) {}

    int work() {
        while (true) {
            hire();
            if (running_.empty()) return signal_;
            wait();
            heed_signals();
            for (auto& worker : running_) {
                worker->read_messages(audience_);
                worker->read_log();
                worker->check_limits();
            }
            dismiss();
            audience_.on_tick();
        }
    }

  private:
    void hire() {
        while (signal_ == 0 && next_ < count_ && running_.size() < at_once_) {
            const Job job = audience_.job(next_);
            running_.push_back(std::make_unique<Running>(next_++, job));
            audience_.on_start(running_.back()->index(), running_.back()->pid());
        }
    }

    void wait() const {
        std::vector<pollfd> watched{{signals_.descriptor(), POLLIN, 0}};
        for (const auto& worker : running_) // poll() passes over the -1 of a closed one
            for (int descriptor : {worker->messages(), worker->log()})
                watched.push_back({descriptor, POLLIN, 0});
        poll(watched.data(), nfds_t(watched.size()), 200);
    }

    void heed_signals() {
        while (const int number = signals_.next()) {
            if (signal_ == 0) signal_ = number;
            else if (number == SIGINT)
                for (auto& worker : running_) worker->kill_group();
            for (auto& worker : running_)
                worker->stop(Cause::interrupted,
                             fmt::format("stopped by signal {} to mneme", number));
        }
    }

    void dismiss() {
        for (std::size_t i = 0; i < running_.size();) {
            const auto ending = running_[i]->ended(audience_);
            if (!ending) {
                ++i;
                continue;
            }
            const std::size_t index = running_[i]->index();
            running_.erase(running_.begin() + std::ptrdiff_t(i)); // first: its log is then whole
            audience_.on_end(index, *ending);
        }
    }

    std::size_t count_, at_once_, next_ = 0;
    Audience& audience_;
    Signals signals_;
    std::vector<std::unique_ptr<Running>> running_;
    int signal_ = 0;
};

} // namespace

int supervise(std::size_t count, std::size_t at_once, Audience& audience) {
    return Crew(count, at_once, audience).work();
}

} // namespace mneme::cli
