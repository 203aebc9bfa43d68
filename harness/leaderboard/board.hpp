// SPDX-License-Identifier: Apache-2.0
// The leaderboard of one benchmark as a value: all that the formats print and the report draws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <results/block.hpp>

#include "leaderboard/looks.hpp"
#include "leaderboard/measure.hpp"
#include "leaderboard/moderated.hpp"
#include "leaderboard/ranks.hpp"

namespace mneme::leaderboard {

// What the seeds say about a pair. "Equal" is shown, not merely not refuted: the difference lies
// within the margin.
enum class Decision { not_decided, different, equal, different_within_margin };
const char* name(Decision); // "not decided", "different", ...
inline bool told_apart(Decision d) {
    return d == Decision::different || d == Decision::different_within_margin;
}

struct BoardOptions {
    std::string metric = "average_accuracy";
    double alpha = 0.05;
    double margin = unknown; // in the metric's unit; NaN: 0.01 for a share of 1, none for a cost
    std::string baseline;    // compare all with this method, and nothing else; empty: all pairs
    std::string sort;        // the measure by which rows are listed, or "method"; empty: the metric
    std::vector<std::string> methods; // only these; empty: all
    bool rank_imported = false;       // though nobody knows whether their data were the same
    std::string equal; // samples, seconds or bytes: rank what keeps to the least budget; empty: all
};

// Two ranked methods, a better ranked than b; with a baseline, b is the baseline. All of it speaks
// of a - b.
struct Pair {
    std::size_t a = 0, b = 0; // in `ranked`
    Differences difference;   // over the common seeds
    ModeratedTest test;
    double p_adjusted = unknown;           // Holm, over all pairs of the board: this one decides
    double p_bonferroni = unknown;         // agrees with the simultaneous interval
    double p_benjamini_hochberg = unknown; // for who wants a bound on the share of false findings
    double half = unknown;                 // of the simultaneous interval
    double p_equal = unknown;              // of equivalence within the margin
    Decision decision = Decision::not_decided;
    std::size_t seeds_needed = 0; // for 80 % power; 0: unknown; most_seeds + 1: more than that
};

struct Row {
    std::string label;
    std::size_t rank = 0;       // ties share it; 0: not ranked
    std::string tier;           // letters; empty with a baseline
    std::vector<double> values; // the metric, by seed of the board; NaN where there is none
    std::size_t complete = 0;   // seeds
    Interval score;             // over its own seeds
    Interval to_reference;      // this minus the best, or the baseline; count 0 for itself
    bool simultaneous = false;  // whether that interval is
    Decision decision = Decision::not_decided; // on that pair
    double p_adjusted = unknown;
    std::vector<double> means;            // of every measure, in the order of measures()
    std::vector<double> rank_probability; // over resamples of the seeds; empty where not computed
    bool imported = false;                // another program's numbers
    std::string remark;                   // why it is not ranked, or which seeds it lacks
};

struct Verdict {
    std::size_t pairs = 0, apart = 0; // that could be tested; that are told apart
    std::vector<std::string> leaders; // the best, and those not told apart from it
    bool decided = false;             // one leader, and it was tested
    std::vector<std::string> sentences;
    std::string text() const; // the sentences
};

struct Board {
    std::string benchmark, digest, scenario, evaluated_on, limits; // limits: "limit 200", or empty
    std::size_t tasks = 0;
    double chance = unknown;
    const Measure* metric = nullptr;
    BoardOptions options; // with the margin that was used
    Looks looks;          // of a run until decided
    std::vector<std::int32_t> seeds;
    std::vector<Row> ranked, oracles, imported; // the best first in each
    std::vector<Row> unranked;                  // in the file's order
    std::vector<std::size_t> listed;            // of `ranked`, in the order of options.sort
    std::vector<Pair> pairs;
    VariancePrior prior;
    RankStability stability;
    std::size_t common_seeds = 0; // of all ranked methods
    Verdict verdict;
    std::vector<std::string> notes; // sentences below the table

    double level() const { return looks.level(options.alpha); } // of the tests
    std::string reference() const; // the best ranked method or the baseline; empty without
    bool has_scores() const { return !ranked.empty() || !oracles.empty() || !imported.empty(); }
};

// Throws ExitError (usage) for an unknown metric, method or baseline.
// `imported`: blocks of other programs' numbers for this benchmark, whose rows stand beside.
Board make_board(const results::Block&, const BoardOptions&,
                 const std::vector<results::Block>& imported = {});

// "a, b and c"; more than `most` end in "and 5 others".
std::string listing(const std::vector<std::string>& names, std::size_t most = 4);
std::string counted(std::size_t count, const std::string& noun); // "1 seed", "2 seeds"

} // namespace mneme::leaderboard
