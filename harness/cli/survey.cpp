// SPDX-License-Identifier: Apache-2.0
#include "cli/survey.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <mneme/error.hpp>

#include "cli/exit_code.hpp"
#include "cli/run_state.hpp"

namespace mneme::cli {
namespace {

struct Reasons { // sentence about a reason, for the first run that has it, and how many have it
    std::string first;
    std::size_t count = 0;
};

std::string sentence(const std::string& kind, const Reasons& reasons) {
    const std::string more =
        reasons.count > 1 ? fmt::format(" (and {} more)", reasons.count - 1) : "";
    return fmt::format("{}: {}{}", kind, reasons.first, more);
}

void note(Reasons& reasons, const harness::Cell& cell, const harness::Run& run,
          const std::string& why) {
    if (reasons.count++ == 0)
        reasons.first =
            fmt::format("{}, seed {}, {}: {}", run.label, run.seed, cell.spec().name, why);
}

} // namespace

Survey survey_of(const harness::Plan& plan, const ResultsFolder& folder,
                 const RepeatOptions& options) {
    Survey survey;
    Reasons stale, again, unreadable, misplaced, forced;
    for (const harness::Cell& cell : plan.cells) {
        harness::Cell rest = cell;
        rest.runs.clear();
        for (const harness::Run& run : cell.runs) {
            ++survey.runs;
            const RunState state = state_of(folder.run(run.digest), cell, run);
            const bool is_stale = state.need == Need::stale;
            if (is_stale) note(stale, cell, run, state.reason);
            if (state.need == Need::again) note(again, cell, run, state.reason);
            if (state.need == Need::unreadable) note(unreadable, cell, run, state.reason);
            if (state.need == Need::misplaced) note(misplaced, cell, run, state.reason);
            const bool finished =
                state.need == Need::nothing || (is_stale && options.stale == "keep");
            if (finished && !options.force) continue;
            if (finished) note(forced, cell, run, "finished");
            survey.due.insert(run.digest);
            if (state.need != Need::missing && state.need != Need::again)
                survey.outdated.insert(run.digest);
            if (state.need != Need::missing && !state.resumable) survey.afresh.insert(run.digest);
            rest.runs.push_back(run);
        }
        if (!rest.runs.empty()) survey.cells.push_back(rest);
    }
    if (stale.count > 0 && options.stale == "error" && !options.force)
        throw Error(sentence("stale", stale) + "; use --stale rerun or --stale keep", bad_input);
    if (stale.count > 0)
        survey.sentences.push_back(sentence(
            options.stale == "keep" && !options.force ? "stale, kept" : "stale, run again", stale));
    if (again.count > 0)
        survey.sentences.push_back(sentence("not complete last time, run again", again));
    if (unreadable.count > 0)
        survey.sentences.push_back(sentence("cannot be read, run again", unreadable));
    if (misplaced.count > 0)
        survey.sentences.push_back(sentence("another run's file, run again", misplaced));
    if (forced.count > 0) survey.sentences.push_back(sentence("--force, run again", forced));
    return survey;
}

void report_due(const Survey& survey, const Console& console) {
    for (const std::string& sentence : survey.sentences) console.say(sentence);
    console.say(fmt::format("{} of {} {} to do, {} done before", survey.due.size(), survey.runs,
                            survey.runs == 1 ? "run" : "runs", survey.runs - survey.due.size()));
}

void forget_checkpoints(const Survey& survey, const ResultsFolder& folder) {
    const auto forget = [&](const std::vector<protocol::Run>& runs) {
        std::error_code ignored;
        std::filesystem::remove_all(folder.paths().checkpoint(runs), ignored);
    };
    for (const harness::Cell& cell : survey.cells) {
        if (std::none_of(cell.runs.begin(), cell.runs.end(), [&](const harness::Run& run) {
                return survey.afresh.count(run.digest) > 0;
            }))
            continue;
        for (const harness::Run& run : cell.runs)
            forget({run}); // from a time when it was a cell of its own
        forget(cell.runs);
    }
}

} // namespace mneme::cli
