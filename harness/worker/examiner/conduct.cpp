// SPDX-License-Identifier: Apache-2.0
// Checks of what a method must leave alone: LibTorch's own state, the environment, the host's
// handles.
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>

#include "host/handle.hpp"
#include "host/probe.hpp"
#include "worker/examiner/captured_output.hpp"
#include "worker/examiner/examiner.hpp"

extern char** environ;

namespace mneme::harness::examiner {
namespace {

using Names = std::vector<std::string>;

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

} // namespace

Verdict check_conduct(const Subject& subject) {
    Conduct conduct;
    const CapturedOutput output(STDOUT_FILENO);
    train(subject, cell_of(subject, small_stream(subject, 1), {1}));
    if (conduct.fault.empty() && output.size() > 0)
        conduct.fault = "it writes to stdout: \"" + output.first_line() +
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
