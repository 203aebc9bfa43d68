// SPDX-License-Identifier: Apache-2.0
// State of the process that a plugin shares with its host and with other methods, and must leave as
// it finds it.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace mneme::harness::examiner {

class ProcessState final {
  public:
    static ProcessState now();
    // The same, where a plugin will be loaded; from now on orphans of its children are noticed.
    static ProcessState before_a_plugin();

    // What differs later, as "its working directory was /a and is /b now"; empty: nothing does.
    std::string change_to(const ProcessState& later) const;

  private:
    std::vector<std::pair<std::string, std::string>> facts_; // name, value
};

// How the process ends where it calls exit() now, tried in a copy of it: "" where it ends with 0 in
// time.
std::string failure_at_exit(double within_s);

} // namespace mneme::harness::examiner
