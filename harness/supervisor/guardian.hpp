// SPDX-License-Identifier: Apache-2.0
// Sees to it that nothing outlives us: a small process that waits until we are gone, however that
// happened, and then kills every worker with all that a plugin has started in it. A worker's own
// death signal reaches the worker alone.
#pragma once

#include <sys/types.h>

#include <string>

#include <base/descriptor.hpp>

namespace mneme::supervisor {

class Guardian final {
  public:
    static Guardian& instance(); // forks at the first call
    Guardian(const Guardian&) = delete;
    Guardian& operator=(const Guardian&) = delete;

    // Its length is the same for every mark of this process: one is written over another.
    std::string new_mark();
    void watch(pid_t group);
    void forget(pid_t group);

  private:
    Guardian();
    void send(char what, pid_t group) const;

    std::string prefix_; // of every mark of this process
    int next_ = 0;
    base::Descriptor to_;
};

// Kills every process whose mark begins with these letters. Allocates nothing.
void kill_marked(const char* prefix);

} // namespace mneme::supervisor
