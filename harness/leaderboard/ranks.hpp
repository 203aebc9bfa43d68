// SPDX-License-Identifier: Apache-2.0
// Ranks over benchmarks (Demsar 2006, "Statistical comparisons of classifiers over multiple data
// sets"), and how much ranks depend on the seeds.
#pragma once

#include <cstddef>
#include <vector>

namespace mneme::leaderboard {

// 1 is the best, that is the largest; ties share the mean of their ranks.
std::vector<double> mean_ranks_of(const std::vector<double>& scores);

struct Friedman {
    std::vector<double> average_ranks;
    double chi_square = 0, chi_square_tied = 0; // the second is corrected for ties
    double f = 0, df1 = 0, df2 = 0, p = 1;      // Iman and Davenport's
    double p_tied = 1;                          // of chi_square_tied
    double kendall_w = 0;                       // 1: every benchmark ranks the methods alike
};
Friedman friedman(const std::vector<std::vector<double>>& scores); // [benchmark][method]

// Two methods whose average ranks over N benchmarks differ by less than q sqrt(k (k + 1) / (6 N))
// are not told apart (Nemenyi); q is the studentized range's quantile over sqrt(2).
double nemenyi_quantile(std::size_t methods, double alpha);
double critical_difference(std::size_t methods, std::size_t benchmarks, double alpha);

// Nemenyi's p of two methods whose average ranks differ by `difference`, for all pairs at once.
double nemenyi_p(double difference, std::size_t methods, std::size_t benchmarks);

// Conover's test after Friedman's: p of each pair a < b in order, for itself. NaN where every
// benchmark ranks the methods alike, which leaves no variance to test against.
std::vector<double> conover_p(const std::vector<std::vector<double>>& scores);

// P(method m has rank r) over resamples of the seeds, all methods by the same seeds;
// [method][rank]. Methods that are equal share the better rank. All n^n resamples where they are at
// most 3,125, else 10,000 drawn by counters, the same ones every time.
struct RankStability {
    std::vector<std::vector<double>> probability;
    std::vector<double> mean_rank;
    std::size_t resamples = 0;
    bool complete = false; // all resamples there are
};
RankStability rank_stability(const std::vector<std::vector<double>>& scores); // [method][seed]

} // namespace mneme::leaderboard
