// SPDX-License-Identifier: Apache-2.0
#include "worker/isolated.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>

namespace mneme::harness {
namespace {

[[noreturn]] void end_as(int status) {
    if (WIFSIGNALED(status)) {
        std::signal(WTERMSIG(status), SIG_DFL);
        raise(WTERMSIG(status));
    }
    std::_Exit(WEXITSTATUS(status));
}

// One flag that both processes see: an exit code could be the plugin's own.
class SharedFlag final {
  public:
    SharedFlag()
        : page_(mmap(nullptr, sizeof(bool), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                     0)) {
        if (page_ == MAP_FAILED)
            throw std::system_error(errno, std::generic_category(), "shared memory");
    }
    ~SharedFlag() { munmap(page_, sizeof(bool)); }
    SharedFlag(const SharedFlag&) = delete;
    SharedFlag& operator=(const SharedFlag&) = delete;
    volatile bool& value() { return *static_cast<volatile bool*>(page_); }

  private:
    void* const page_;
};

} // namespace

void run_isolated(const std::function<void()>& work) {
    SharedFlag finished;
    const pid_t parent = getpid(), child = fork();
    if (child < 0) throw std::system_error(errno, std::generic_category(), "a process of its own");
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) std::_Exit(EXIT_FAILURE);
        work();
        finished.value() = true;
        std::_Exit(EXIT_SUCCESS); // handlers that a plugin has left are not called
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!finished.value()) end_as(status);
}

} // namespace mneme::harness
