// SPDX-License-Identifier: Apache-2.0
// What logits say, counted where they lie: nothing is read.
#pragma once

#include <ATen/core/Tensor.h>

namespace mneme::harness {

// Of the n rows of each replica, [S].
struct LogitScores {
    at::Tensor correct;   // int64: rows whose largest allowed logit is the label's
    at::Tensor loss;      // double: sum of the labels' cross-entropies among the allowed classes;
                          // infinite where a label is not one
    at::Tensor confusion; // int64 [S, C, C]: label, then pick; undefined unless asked for
};

// logits float32 [S, n, C], labels int64 [n], allowed bool [C]. A logit that is not a number is
// never picked; where there is none to pick the row counts as wrong and stands nowhere in
// `confusion`.
LogitScores score_logits(const at::Tensor& logits, const at::Tensor& labels,
                         const at::Tensor& allowed, bool confusion);

// The two ways: a loop over rows, for a CPU, and LibTorch's operators, which do not wait for a GPU.
// Their counts agree.
LogitScores score_by_rows(const at::Tensor& logits, const at::Tensor& labels,
                          const at::Tensor& allowed, bool confusion);
LogitScores score_by_operators(const at::Tensor& logits, const at::Tensor& labels,
                               const at::Tensor& allowed, bool confusion);

} // namespace mneme::harness
