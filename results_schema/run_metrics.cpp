// SPDX-License-Identifier: Apache-2.0
#include <results/run_metrics.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include "inside.hpp"

namespace mneme::results {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Of the last row, over the examples of all tasks; empty where it was not recorded.
class LastConfusion final {
  public:
    LastConfusion(const Block& b, std::size_t run) : classes_(b.confusion.shape.back()) {
        const std::size_t T = b.tasks.size(), size = classes_ * classes_;
        first_ = b.confusion.data.data() + (run * T + T - 1) * size;
        if (*first_ < 0) classes_ = 0;
    }
    std::size_t classes() const { return classes_; }
    double at(std::size_t label, std::size_t predicted) const {
        return first_[label * classes_ + predicted];
    }
    double labels(std::size_t c) const {
        double n = 0;
        for (std::size_t k = 0; k < classes_; ++k) n += at(c, k);
        return n;
    }
    double predictions(std::size_t c) const {
        double n = 0;
        for (std::size_t k = 0; k < classes_; ++k) n += at(k, c);
        return n;
    }

  private:
    std::size_t classes_;
    const std::int32_t* first_;
};

double mean(double sum, double terms) { return terms > 0 ? sum / terms : nan; }

double balanced_accuracy(const Block& b, std::size_t run) {
    const LastConfusion of(b, run);
    double sum = 0, terms = 0;
    for (std::size_t c = 0; c < of.classes(); ++c)
        if (const double n = of.labels(c); n > 0) sum += of.at(c, c) / n, ++terms;
    return mean(sum, terms);
}

double macro_f1(const Block& b, std::size_t run) {
    const LastConfusion of(b, run);
    double sum = 0, terms = 0;
    for (std::size_t c = 0; c < of.classes(); ++c)
        if (const double n = of.labels(c) + of.predictions(c); n > 0)
            sum += 2 * of.at(c, c) / n, ++terms;
    return mean(sum, terms);
}

double cohen_kappa(const Block& b, std::size_t run) {
    const LastConfusion of(b, run);
    double all = 0, agree = 0, by_chance = 0;
    for (std::size_t c = 0; c < of.classes(); ++c) all += of.labels(c), agree += of.at(c, c);
    for (std::size_t c = 0; c < of.classes(); ++c) by_chance += of.labels(c) * of.predictions(c);
    const double rest = all * all - by_chance;
    return rest > 0 ? (all * agree - by_chance) / rest : nan;
}

double negative_log_likelihood(const Block& b, std::size_t run) {
    const std::size_t T = b.tasks.size();
    double sum = 0, examples = 0;
    for (std::size_t j = 0; j < T; ++j) {
        sum += b.loss.data[(run * T + T - 1) * T + j] * static_cast<double>(b.n_evaluated.data[j]);
        examples += b.n_evaluated.data[j];
    }
    return std::isnan(sum) ? nan : sum / examples;
}

double negative_flips(const Block& b, std::size_t run) {
    constexpr std::uint16_t not_evaluated = 65535;
    const std::size_t T = b.tasks.size(), N = b.seeds.size(), X = b.predictions.shape.back();
    const auto predictions = [&](std::size_t row) {
        return b.predictions.data.data() + (run * T + row) * X;
    };
    const std::uint16_t *labels = b.labels.data.data() + run % N * X, *last = predictions(T - 1);
    double sum = 0, terms = 0;
    std::size_t x = 0;
    for (std::size_t j = 0; j + 1 < T; ++j) {
        const std::uint16_t* then = predictions(j);
        double flipped = 0;
        for (const std::size_t end = x + static_cast<std::size_t>(b.n_evaluated.data[j]); x < end;
             ++x) {
            if (then[x] == not_evaluated || last[x] == not_evaluated) return nan;
            flipped += then[x] == labels[x] && last[x] != labels[x];
        }
        sum += flipped / static_cast<double>(b.n_evaluated.data[j]), ++terms;
    }
    return mean(sum, terms);
}

std::vector<RunMetric> further_metrics() {
    const auto share = RunMetric::Unit::share;
    const char *matrix = "confusion", *few = "a confusion matrix of at most 2^24 counts a run",
               *missing = "the last row of the confusion matrix was not recorded";
    return {
        {"balanced_accuracy",
         "after the last task, mean over classes with examples of (correct / examples of the "
         "class)",
         "Brodersen et al. 2010, ICPR", matrix, matrix, few, true, share, balanced_accuracy,
         nullptr, missing, true},
        {"macro_f1",
         "after the last task, mean over classes with examples or predictions of 2 correct / "
         "(examples + predictions of the class)",
         "van Rijsbergen 1979, Information Retrieval", matrix, matrix, few, true, share, macro_f1,
         nullptr, missing, true},
        {"cohen_kappa",
         "after the last task, (n sum over c of correct[c] - e) / (n^2 - e), e = sum over c of "
         "examples[c] predictions[c]",
         "Cohen 1960, doi 10.1177/001316446002000104", matrix, matrix, few, true, share,
         cohen_kappa, nullptr, missing, true},
        {"negative_log_likelihood",
         "after the last task, the mean over all examples of -log p[label]",
         "the cross-entropy, by example", "loss, n_evaluated", "loss", "a run of mneme", false,
         RunMetric::Unit::nat, negative_log_likelihood, nullptr,
         "not evaluated, or the label of an example is masked", true},
        {"negative_flips",
         "mean over j < T of the share of the examples of j that are right after j and wrong after "
         "T",
         "Yan et al. 2021, arXiv 2011.09161", "predictions, labels", "predictions",
         "`predictions = true` in the suite", false, share, negative_flips, nullptr,
         "an example has no prediction", true}};
}

} // namespace

const std::vector<RunMetric>& run_metrics() {
    static const std::vector<RunMetric> table = [] {
        std::vector<RunMetric> all;
        for (const auto& part :
             {continual_metrics(), calibration_metrics(), reference_metrics(), further_metrics()})
            all.insert(all.end(), part.begin(), part.end());
        return all;
    }();
    return table;
}

const RunMetric* find_run_metric(const std::string& name) {
    const auto& all = run_metrics();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const RunMetric& m) { return name == m.name; });
    return found == all.end() ? nullptr : &*found;
}

bool is_defined(const RunMetric& metric, const Block& block) {
    return recorded(block, metric.needs) && (!metric.applies || metric.applies(block));
}

} // namespace mneme::results
