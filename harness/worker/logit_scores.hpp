// SPDX-License-Identifier: Apache-2.0
// What logits say, counted where they lie: nothing is read.
#pragma once

#include <ATen/core/Tensor.h>

namespace mneme::harness {

// Of the n rows of each replica, [S].
struct LogitScores {
    at::Tensor correct; // int64: rows whose largest allowed logit is the label's
    at::Tensor loss;    // double: sum of the labels' cross-entropies among the allowed classes;
                        // infinite where a label is not one
    // Undefined unless asked for:
    at::Tensor confusion;              // int64 [S, C, C]: label, then pick
    at::Tensor bin_count, bin_correct; // int64 [S, bins]: rows by the probability of their pick
    at::Tensor bin_confidence;         // double [S, bins]: the sum of those probabilities
    at::Tensor squared_error;          // double [S]: sum of the squared differences of each row's
                                       // probabilities to 1 of its label and 0 of the others
    at::Tensor picks;                  // int64 [S, n]; -1: there is none
};

// Bins of confidence: bin k, from 0, holds (k / bins, (k + 1) / bins].
inline constexpr int64_t confidence_bins = 15;

struct LogitScoreParts { // beside `correct` and `loss`
    bool confusion = false, bins = false, picks = false, squared_error = false;
};

// logits float32 [S, n, C], labels int64 [n], allowed bool [C]. A logit that is not a number is
// never picked; where there is none to pick the row counts as wrong and stands nowhere in
// `confusion`.
LogitScores score_logits(const at::Tensor& logits, const at::Tensor& labels,
                         const at::Tensor& allowed, LogitScoreParts);

// The two ways: a loop over rows, for a CPU, and LibTorch's operators, which do not wait for a GPU.
// Their counts agree.
LogitScores score_by_rows(const at::Tensor& logits, const at::Tensor& labels,
                          const at::Tensor& allowed, LogitScoreParts);
LogitScores score_by_operators(const at::Tensor& logits, const at::Tensor& labels,
                               const at::Tensor& allowed, LogitScoreParts);

} // namespace mneme::harness
