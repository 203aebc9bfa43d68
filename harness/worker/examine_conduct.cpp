// SPDX-License-Identifier: Apache-2.0
// Checks of what a method leaves as it was: its state where it only answers, the process around it,
// the host's handles.
#include <algorithm>
#include <cstdio>
#include <sstream>

#include <sys/mman.h>
#include <unistd.h>

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>

#include "host/handle.hpp"
#include "host/probe.hpp"
#include "worker/examiner.hpp"

extern char** environ;

namespace mneme::harness::examiner {
namespace {

using Names = std::vector<std::string>;

Names names_of(const host::Snapshot& snapshot) {
    Names out;
    for (const auto& [name, value] : snapshot.values) out.push_back(name);
    return out;
}

// Lists may grow from phase to phase: their numbered parts do not count.
Names without_numbers(const Names& names) {
    Names out;
    for (const auto& name : names) {
        std::string part;
        std::istringstream parts(name);
        bool numbered = false;
        while (std::getline(parts, part, '.'))
            numbered = numbered || part.find_first_not_of("0123456789") == part.npos;
        if (!numbered) out.push_back(name);
    }
    return out;
}

std::string first_difference(const Names& a, const Names& b) {
    for (std::size_t k = 0; k < std::max(a.size(), b.size()); ++k) {
        const std::string x = k < a.size() ? a[k] : "nothing", y = k < b.size() ? b[k] : "nothing";
        if (x != y) return y + " where it had " + x;
    }
    return {};
}

class StateNames final : public Onlooker {
  public:
    void after_step(host::Learner& learner, Position at) override {
        const auto names = names_of(learner.state());
        if (at.step == 0) first_ = names;
        compare(first_, names, at);
        const auto plain = without_numbers(names);
        if (plain_.empty()) plain_ = plain;
        compare(plain_, plain, at);
        count = names.size();
    }
    std::string fault;
    std::size_t count = 0;

  private:
    void compare(const Names& before, const Names& now, Position at) {
        const auto what = first_difference(before, now);
        if (fault.empty() && !what.empty())
            fault = text_of({at.task, at.phase, at.step}) + ": state() visits " + what;
    }
    Names first_, plain_;
};

class Bill final : public Onlooker {
  public:
    void after_step(host::Learner& learner, Position at) override {
        const auto bytes = learner.state().kept_bytes("weights.");
        if (at.step == 0) first_ = bytes;
        if (fault.empty() && bytes > first_)
            fault = text(text_of({at.task, at.phase, at.step}), ": keeps ", bytes, " bytes, ",
                         first_, " after the phase's first step");
        last = bytes;
    }
    std::string fault;
    double last = 0;

  private:
    double first_ = 0;
};

// Asks for more predictions at a task's end than an evaluation does.
class Asking final : public Onlooker {
  public:
    explicit Asking(const bench::Spec& spec)
        : task_known_(spec.scenario.kind == "task"),
          x_(at::linspace(0, 1, 6 * spec.stream.features).view({6, -1})) {}
    void after_step(host::Learner& learner, Position at) override { trace.after_step(learner, at); }
    void after_task(host::Learner& learner, int64_t task) override {
        trace.after_task(learner, task);
        const auto before = learner.state().copy();
        for (int64_t j = 0; j <= task; ++j)
            for (int64_t rows : {6, 1}) {
                const auto x = x_.narrow(0, 0, rows).contiguous();
                const auto first = learner.predict(x, task_known_ ? j : -1),
                           again = learner.predict(x, task_known_ ? j : -1);
                if (fault.empty() && !(first.eq(again) | first.isnan()).all().item<bool>())
                    fault = text("asked twice after task ", task + 1, " it gives two answers");
                asked += 2;
            }
        if (fault.empty() && !before.same_bits(learner.state()))
            fault = text("after task ", task + 1, " it changed the state");
    }

    Trace trace;
    std::string fault;
    int64_t asked = 0;

  private:
    const bool task_known_;
    const at::Tensor x_;
};

// What a plugin must leave as it is, looked at whenever one of its functions has returned.
class Conduct final : public host::Probe {
  public:
    Conduct() : generator_(generator()), environment_(environment()) { looking = this; }
    ~Conduct() override { looking = nullptr; }
    void called(const char*, const mneme_value*, int32_t) override {}
    void gave(const char*, const mneme_value*, int32_t) override {}
    void read() override {}
    void returned(const char* function, bool recording) override {
        if (!fault.empty()) return;
        const std::string by = function;
        if (recording) fault = by + " leaves gradient recording on; restore it before returning";
        else if (at::get_num_threads() != 1)
            fault = text(by, " sets the number of threads to ", at::get_num_threads(),
                         "; leave it alone");
        else if (!generator_.equal(generator()))
            fault =
                by + " draws from LibTorch's global generator; take draws from s.random(purpose)";
        else if (environment_ != environment())
            fault = by + " changes the environment; leave it alone";
    }
    std::string fault;

  private:
    static at::Tensor generator() { return at::detail::getDefaultCPUGenerator().get_state(); }
    static Names environment() {
        Names out;
        for (char** at = environ; *at; ++at) out.push_back(*at);
        return out;
    }
    const at::Tensor generator_;
    const Names environment_;
};

// stdout belongs to somebody else while this lives.
class Eavesdropper final {
  public:
    Eavesdropper() : kept_(::dup(STDOUT_FILENO)), heard_(::memfd_create("stdout", MFD_CLOEXEC)) {
        std::fflush(stdout);
        ::dup2(heard_, STDOUT_FILENO);
    }
    ~Eavesdropper() {
        std::fflush(stdout);
        ::dup2(kept_, STDOUT_FILENO);
        ::close(kept_);
        ::close(heard_);
    }
    Eavesdropper(const Eavesdropper&) = delete;
    Eavesdropper& operator=(const Eavesdropper&) = delete;
    std::string first_line() const {
        std::fflush(stdout);
        char text[200];
        const auto n = ::pread(heard_, text, sizeof text, 0);
        const std::string all(text, n > 0 ? static_cast<std::size_t>(n) : 0);
        return all.substr(0, all.find('\n'));
    }

  private:
    const int kept_, heard_;
};

} // namespace

Verdict check_state(const Subject& subject) {
    StateNames names;
    train(subject, cell_of(subject, small_stream(subject, 1), {1}), &names);
    if (!names.fault.empty())
        return {Verdict::fail,
                names.fault + "; visit the same names in the same order, undefined tensors too"};
    return {Verdict::pass, text(names.count, " names")};
}

Verdict check_kept(const Subject& subject) {
    Bill bill;
    train(subject, cell_of(subject, small_stream(subject, 2), {1}), &bill);
    if (!bill.fault.empty())
        return {Verdict::fail,
                bill.fault + "; make room before the phase begins, and name working space ~..."};
    return {Verdict::pass, text(bill.last, " bytes at the end")};
}

Verdict check_predict(const Subject& subject) {
    const auto cell = cell_of(subject, small_stream(subject), {3});
    Trace silent;
    Asking asked(cell.spec());
    train(subject, cell, silent);
    asked.trace.blocks = train(subject, cell, &asked);
    if (asked.fault.empty()) asked.fault = difference(silent, 0, asked.trace, 0, true);
    if (!asked.fault.empty())
        return {Verdict::fail, asked.fault + "; predict must leave the learner as it was"};
    return {Verdict::pass, text("asked ", asked.asked, " times")};
}

Verdict check_conduct(const Subject& subject) {
    Conduct conduct;
    const Eavesdropper ear;
    train(subject, cell_of(subject, small_stream(subject, 1), {1}));
    if (conduct.fault.empty() && !ear.first_line().empty())
        conduct.fault = "it writes to stdout: \"" + ear.first_line() +
                        "\"; mneme::log writes to the log of the run";
    if (!conduct.fault.empty()) return {Verdict::fail, conduct.fault};
    return {Verdict::pass, ""};
}

Verdict check_handles(const Subject& subject) {
    const auto cell = cell_of(subject, small_stream(subject, 1), {1});
    const auto before = host::live_handles();
    train(subject, cell);
    const auto left = host::live_handles() - before;
    if (left != 0)
        return {
            Verdict::fail,
            text(left,
                 " handles are still held after destroy; release what create and the steps took")};
    return {Verdict::pass, ""};
}

} // namespace mneme::harness::examiner
