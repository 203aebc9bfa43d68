// SPDX-License-Identifier: Apache-2.0
// How confidences and answers agree: calibration errors and the Brier score.
#include <algorithm>
#include <cmath>
#include <limits>

#include "inside.hpp"

namespace mneme::results {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr auto share_ = RunMetric::Unit::share;
const Axes matrix{Axis::method, Axis::seed, Axis::trained_task, Axis::evaluated_task};

// |correct - confidence| of each bin, added up, over the examples. `at` gives where the bins of a
// task begin; several tasks are pooled.
double calibration_error(const Block& b, const std::vector<std::size_t>& at) {
    const std::size_t B = b.calibration_count.shape.back();
    double error = 0, all = 0;
    for (std::size_t k = 0; k < B; ++k) {
        double correct = 0, confidence = 0;
        for (std::size_t first : at) {
            if (b.calibration_count.data[first + k] < 0) return nan;
            all += b.calibration_count.data[first + k];
            correct += b.calibration_correct.data[first + k];
            confidence += b.calibration_confidence.data[first + k];
        }
        error += std::fabs(correct - confidence);
    }
    return all > 0 ? error / all : nan;
}

Array<double> calibration_errors(const Block& b) {
    Array<double> result(shape(b, matrix), nan);
    for (std::size_t i = 0; i < result.data.size(); ++i)
        result.data[i] = calibration_error(b, {i * b.calibration_count.shape.back()});
    return result;
}

// Where the bins of each task begin, after the last task.
std::vector<std::size_t> last_bins(const Block& b, std::size_t r) {
    const std::size_t T = b.tasks.size(), B = b.calibration_count.shape.back();
    std::vector<std::size_t> at;
    for (std::size_t j = 0; j < T; ++j) at.push_back(((r * T + T - 1) * T + j) * B);
    return at;
}

double last_calibration_error(const Block& b, std::size_t r) {
    return calibration_error(b, last_bins(b, r));
}

double maximum_calibration_error(const Block& b, std::size_t r) {
    double most = nan;
    for (std::size_t k = 0; k < b.calibration_count.shape.back(); ++k) {
        double correct = 0, confidence = 0, all = 0;
        for (std::size_t first : last_bins(b, r)) {
            if (b.calibration_count.data[first + k] < 0) return nan;
            all += b.calibration_count.data[first + k];
            correct += b.calibration_correct.data[first + k];
            confidence += b.calibration_confidence.data[first + k];
        }
        if (all > 0) most = std::fmax(most, std::fabs(correct - confidence) / all);
    }
    return most;
}

double brier_score(const Block& b, std::size_t r) {
    const std::size_t T = b.tasks.size();
    double sum = 0, examples = 0;
    for (std::size_t j = 0; j < T; ++j) {
        sum += b.calibration_squared_error.data[(r * T + T - 1) * T + j];
        examples += b.n_evaluated.data[j];
    }
    return std::isnan(sum) ? nan : sum / examples;
}

Array<double> brier_scores(const Block& b) {
    Array<double> result(shape(b, matrix), nan);
    for (std::size_t i = 0; i < result.data.size(); ++i)
        result.data[i] = b.calibration_squared_error.data[i] /
                         static_cast<double>(b.n_evaluated.data[i % b.tasks.size()]);
    return result;
}

} // namespace

std::vector<Derived> calibration_formulas() {
    const char* missing = "not evaluated, or the method's scores are not logits";
    return {{"calibration/error",
             matrix,
             "expected calibration error",
             {{"derived_from", "calibration/count, calibration/correct, calibration/confidence"},
              {"formula", "(sum over bins of |correct - confidence|) / (sum over bins of count)"},
              {"missing_means", missing},
              {"reference", "Guo et al. 2017, arXiv 1706.04599"}},
             "calibration/count",
             calibration_errors},
            {"calibration/brier_score",
             matrix,
             "Brier score",
             {{"derived_from", "calibration/squared_error, n_evaluated"},
              {"formula", "squared_error / n_evaluated"},
              {"missing_means", missing},
              {"reference", "Brier 1950"}},
             "calibration/squared_error",
             brier_scores}};
}

std::vector<RunMetric> calibration_metrics() {
    const char *bins = "calibration/count", *paper = "Guo et al. 2017, arXiv 1706.04599",
               *few = "33 tasks at most, and scores that are logits";
    return {
        {"calibration_error",
         "the same after the last task, with the examples of all tasks in the same bins", paper,
         bins, bins, few, false, share_, last_calibration_error},
        {"maximum_calibration_error",
         "max over bins with examples of |correct - confidence| / count, after the last task, "
         "with the examples of all tasks in the same bins",
         paper, bins, bins, few, false, share_, maximum_calibration_error, nullptr, nullptr, true},
        {"brier_score",
         "after the last task, the mean over all examples of the sum over classes c of "
         "(p[c] - (1 where c is the label))^2",
         "Brier 1950, Monthly Weather Review 78(1)", "calibration/squared_error, n_evaluated",
         "calibration/squared_error", "`brier_score = true` in the suite", false, share_,
         brier_score}};
}

} // namespace mneme::results
