// SPDX-License-Identifier: Apache-2.0
// Which runs of a plan are finished, and which are to be (re)done and why.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <plan/plan.hpp>
#include <results/block.hpp>

namespace mneme::cli {

enum class Need {
    nothing, // complete or diverged, made by today's plugin and harness
    missing, // no file
    again,   // failed, timed out or was refused
    unreadable,
    stale, // complete or diverged, made by another plugin or harness
};

struct RunState {
    Need need = Need::missing;
    std::string reason = {}; // a sentence for `again`, `unreadable`, `stale`
    bool resumable =
        false; // `again`: it may go on from its checkpoint, which today's plugin and harness made
};

RunState state_of(const std::filesystem::path& file, const harness::Cell&);

// A run's file has one benchmark, one method, one seed. Throws std::runtime_error when it is not
// such a file.
results::Block read_run(const std::filesystem::path&);

results::Outcome outcome_of(const results::Block&); // of its only run
double average_accuracy(const results::Block&);     // likewise; NaN unless complete

} // namespace mneme::cli
