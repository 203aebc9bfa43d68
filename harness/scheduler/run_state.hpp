// SPDX-License-Identifier: Apache-2.0
// Which runs of a plan are finished, and which are to be (re)done and why.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <protocol/cell.hpp>
#include <results/block.hpp>
#include <results/reader.hpp>

namespace mneme::scheduler {

enum class Need {
    nothing, // complete or diverged, made by today's plugin and harness
    missing, // no file
    again,   // failed, timed out or was refused
    lacking, // complete, but without the weights that are asked for
    unreadable,
    misplaced, // the file says that it answers another request
    stale,     // complete or diverged, made by another plugin or harness
};

struct RunState {
    Need need = Need::missing;
    std::string reason = {}; // a sentence for all but `nothing` and `missing`
    // `again`: it may go on from its checkpoint, which today's plugin and harness made.
    bool resumable = false;
};

// `run` is one of the cell's.
RunState state_of(const std::filesystem::path& file, const protocol::Cell&, const protocol::Run&,
                  results::Reader&);

// Whose request the record answers, in a sentence, where it is not this run's; else empty. Files of
// mneme 0.1.0 do not state their request: those are taken for what their name says.
std::string answers_another(const results::Block&, const protocol::Cell&, const protocol::Run&);

// A run's file has one benchmark, one method, one seed. Throws std::runtime_error when it is not
// such a file. Who reads many gives the reader of them all.
results::Block read_run(const std::filesystem::path&, results::Reader&);
results::Block read_run(const std::filesystem::path&);

results::Outcome outcome_of(const results::Block&); // of its only run
double average_accuracy(const results::Block&);     // likewise; NaN unless complete

} // namespace mneme::scheduler
