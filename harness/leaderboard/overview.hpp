// SPDX-License-Identifier: Apache-2.0
// Several benchmarks together: ranks on each first, then the mean difference. The benchmarks are
// fixed, not a sample: the statement is about these.
#pragma once

#include "leaderboard/board.hpp"
#include "leaderboard/pooled.hpp"

namespace mneme::leaderboard {

struct OverviewRow {
    std::string label;
    std::vector<double> ranks; // by benchmark, among the methods of the overview; ties share
    double mean_rank = unknown;
    Pooled to_first;                             // this minus the first
    double half = unknown, p_adjusted = unknown; // simultaneous over all pairs, Holm over them
    bool apart = false;                          // from the first
};

struct OverviewPair {
    std::size_t a = 0, b = 0;    // rows, a above b
    Pooled pooled;               // a - b
    double p_adjusted = unknown; // Holm, of the mean difference: this one decides
    double p_nemenyi = unknown;  // of the ranks, for all pairs at once
    double p_conover = unknown;  // of the ranks, Holm
};

struct Overview {
    const Measure* metric = nullptr;
    double alpha = 0.05;
    std::vector<std::string> benchmarks;
    std::vector<OverviewRow> rows; // by mean rank
    std::vector<OverviewPair> pairs;
    std::vector<std::string> left_out; // ranked on some benchmarks only
    Friedman friedman;
    double critical_difference = unknown; // of mean ranks, at alpha (Nemenyi)
    bool diagram = false;                 // whether that difference can tell methods apart
    std::vector<std::string> sentences, notes;
};

// Of boards with equal options. Fewer than two boards or common methods leave it without rows.
Overview make_overview(const std::vector<Board>&);

// Lines from each mean rank as long as the critical difference, 80 columns wide.
std::string diagram_text(const Overview&);

} // namespace mneme::leaderboard
