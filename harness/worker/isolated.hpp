// SPDX-License-Identifier: Apache-2.0
// A plugin's code in a process of its own, so that what it does to its process (working directory,
// umask, locale, environment, threads) reaches no other plugin.
#pragma once

#include <functional>

namespace mneme::harness {

// Calls `work` in a child and waits for it. Where the child ends before `work` does (a crash,
// exit() in a plugin), this process ends in the same way. An exception of `work` goes up in the
// child.
void run_isolated(const std::function<void()>& work);

} // namespace mneme::harness
