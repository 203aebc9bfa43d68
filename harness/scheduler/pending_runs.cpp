// SPDX-License-Identifier: Apache-2.0
#include "scheduler/pending_runs.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <base/error.hpp>
#include "scheduler/run_state.hpp"

namespace mneme::scheduler {
namespace {

using base::ExitCode;

struct Reasons { // sentence about a reason, for the first run that has it, and how many have it
    std::string first;
    std::size_t count = 0;
};

std::string sentence(const std::string& kind, const Reasons& reasons) {
    const std::string more =
        reasons.count > 1 ? fmt::format(" (and {} more)", reasons.count - 1) : "";
    return fmt::format("{}: {}{}", kind, reasons.first, more);
}

void note(Reasons& reasons, const protocol::Cell& cell, const protocol::Run& run,
          const std::string& why) {
    if (reasons.count++ == 0)
        reasons.first =
            fmt::format("{}, seed {}, {}: {}", run.label, run.seed, cell.spec().name, why);
}

} // namespace

namespace {

bool among(const std::vector<std::string>& names, const std::string& name) {
    return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

} // namespace

bool Repeat::selected(const results::Block& block, std::size_t method) const {
    const auto provenance = block.provenance.find(block.methods.at(method));
    const auto id = [&] {
        if (provenance == block.provenance.end()) return std::string();
        const auto found = provenance->second.find("plugin_id");
        return found == provenance->second.end() ? std::string() : found->second;
    };
    return among(benchmarks, block.benchmark) &&
           (among(methods, block.methods.at(method)) || among(methods, id()));
}

bool Repeat::selected(const protocol::Cell& cell, const protocol::Run& run) const {
    return among(benchmarks, cell.spec().name) &&
           (among(methods, run.label) || among(methods, cell.plugin.id));
}

PendingRuns pending_runs(const harness::Plan& plan, const ResultsFolder& folder,
                         const Repeat& repeat) {
    PendingRuns pending;
    results::Reader reader;
    Reasons stale, again, lacking, unreadable, misplaced, forced;
    for (const protocol::Cell& cell : plan.cells) {
        protocol::Cell rest = cell;
        rest.runs.clear();
        for (const protocol::Run& run : cell.runs) {
            if (!repeat.selected(cell, run)) continue;
            ++pending.runs;
            if (repeat.tried.count(run.digest) > 0) continue;
            const RunState state = state_of(folder.run(run.digest), cell, run, reader);
            const bool is_stale = state.need == Need::stale;
            if (is_stale) note(stale, cell, run, state.reason);
            if (state.need == Need::again) note(again, cell, run, state.reason);
            if (state.need == Need::lacking) note(lacking, cell, run, state.reason);
            if (state.need == Need::unreadable) note(unreadable, cell, run, state.reason);
            if (state.need == Need::misplaced) note(misplaced, cell, run, state.reason);
            const bool finished =
                state.need == Need::nothing || (is_stale && repeat.stale == Stale::keep);
            if (finished && !repeat.force) continue;
            if (finished) note(forced, cell, run, "finished");
            pending.due.insert(run.digest);
            if (state.need != Need::missing && state.need != Need::again)
                pending.outdated.insert(run.digest);
            if (state.need != Need::missing && !state.resumable) pending.fresh.insert(run.digest);
            rest.runs.push_back(run);
        }
        if (!rest.runs.empty()) pending.cells.push_back(rest);
        else if (repeat.methods.empty() && repeat.benchmarks.empty()) pending.done.push_back(cell);
    }
    if (stale.count > 0 && repeat.stale == Stale::error && !repeat.force)
        throw base::ExitError(ExitCode::bad_input,
                              sentence("stale", stale) + "; use --stale rerun or --stale keep");
    if (stale.count > 0)
        pending.sentences.push_back(sentence(
            repeat.stale == Stale::keep && !repeat.force ? "stale, kept" : "stale, run again",
            stale));
    if (again.count > 0)
        pending.sentences.push_back(sentence("not complete last time, run again", again));
    if (lacking.count > 0)
        pending.sentences.push_back(sentence("lacks what is asked for, run again", lacking));
    if (unreadable.count > 0)
        pending.sentences.push_back(sentence("cannot be read, run again", unreadable));
    if (misplaced.count > 0)
        pending.sentences.push_back(sentence("another run's file, run again", misplaced));
    if (forced.count > 0) pending.sentences.push_back(sentence("--force, run again", forced));
    return pending;
}

void report_due(const PendingRuns& pending, const base::StatusOutput& output) {
    for (const std::string& sentence : pending.sentences) output.say(sentence);
    output.say(fmt::format("{} of {} {} to do, {} done before", pending.due.size(), pending.runs,
                           pending.runs == 1 ? "run" : "runs", pending.runs - pending.due.size()));
}

void remove_outdated_checkpoints(const PendingRuns& pending, const ResultsFolder& folder) {
    const auto forget = [&](const std::vector<protocol::Run>& runs) {
        std::error_code ignored;
        std::filesystem::remove_all(folder.paths().checkpoint(runs), ignored);
    };
    for (const protocol::Cell& cell : pending.done) forget(cell.runs);
    for (const protocol::Cell& cell : pending.cells) {
        if (std::none_of(cell.runs.begin(), cell.runs.end(), [&](const protocol::Run& run) {
                return pending.fresh.count(run.digest) > 0;
            }))
            continue;
        for (const protocol::Run& run : cell.runs)
            forget({run}); // from a time when it was a cell of its own
        forget(cell.runs);
    }
}

} // namespace mneme::scheduler
