// SPDX-License-Identifier: Apache-2.0
// Sums run from left to right from 0.0 and are divided once, so that a script can agree to the last
// bit. A mean of nothing is NaN.
#include <results/metrics.hpp>

#include <cmath>
#include <limits>

namespace mneme::results {

namespace {

using Initial = std::span<const double>;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

class Mean final {
  public:
    void add(double x) { sum_ += x, ++count_; }
    double over(std::size_t count) const {
        return count == 0 || std::isnan(sum_) ? nan : sum_ / static_cast<double>(count);
    }
    double value() const { return over(count_); }

  private:
    double sum_ = 0;
    std::size_t count_ = 0;
};

// Of column j over rows first <= l < last; NaN if one of them is.
double best(Matrix a, std::size_t j, std::size_t first, std::size_t last) {
    double top = -std::numeric_limits<double>::infinity();
    for (std::size_t l = first; l < last; ++l) {
        if (std::isnan(a(l, j))) return nan;
        if (a(l, j) > top) top = a(l, j);
    }
    return first < last ? top : nan;
}

double seen(Matrix a, std::size_t t) // A_t, t from 0
{
    Mean mean;
    for (std::size_t j = 0; j <= t; ++j) mean.add(a(t, j));
    return mean.value();
}

// Mean over all tasks but the last of term(j).
template <class Term> double over_earlier(Matrix a, Term term) {
    Mean mean;
    for (std::size_t j = 0; j + 1 < a.tasks; ++j) mean.add(term(j));
    return mean.value();
}

double average_accuracy(Matrix a, Initial) { return seen(a, a.tasks - 1); }

double forgetting(Matrix a, Initial) {
    const std::size_t last = a.tasks - 1;
    return over_earlier(a, [&](std::size_t j) { return best(a, j, j, last) - a(last, j); });
}

double backward_transfer(Matrix a, Initial) {
    return over_earlier(a, [&](std::size_t j) { return a(a.tasks - 1, j) - a(j, j); });
}

double forward_transfer(Matrix a, Initial b) {
    return over_earlier(a, [&](std::size_t i) { return a(i, i + 1) - b[i + 1]; });
}

double learning_accuracy(Matrix a, Initial) {
    Mean mean;
    for (std::size_t j = 0; j < a.tasks; ++j) mean.add(a(j, j));
    return mean.value();
}

double average_incremental_accuracy(Matrix a, Initial) {
    Mean mean;
    for (std::size_t t = 0; t < a.tasks; ++t) mean.add(seen(a, t));
    return mean.value();
}

double worst_task_accuracy(Matrix a, Initial) {
    double worst = std::numeric_limits<double>::infinity();
    for (std::size_t j = 0; j < a.tasks; ++j) {
        const double x = a(a.tasks - 1, j);
        if (std::isnan(x)) return nan;
        if (x < worst) worst = x;
    }
    return worst;
}

double forgetting_rows_before_last(Matrix a, Initial) {
    const std::size_t last = a.tasks - 1;
    return over_earlier(a, [&](std::size_t j) { return best(a, j, 0, last) - a(last, j); });
}

double forgetting_all_rows(Matrix a, Initial) {
    return over_earlier(a,
                        [&](std::size_t j) { return best(a, j, 0, a.tasks) - a(a.tasks - 1, j); });
}

double first_minus_last(Matrix a, Initial) {
    return over_earlier(a, [&](std::size_t j) { return a(j, j) - a(a.tasks - 1, j); });
}

double forgetting_minus_sign(Matrix a, Initial) {
    const std::size_t last = a.tasks - 1;
    return over_earlier(a, [&](std::size_t j) { return a(last, j) - best(a, j, 0, last); });
}

double backward_transfer_gem_code(Matrix a, Initial) {
    Mean mean;
    for (std::size_t j = 0; j < a.tasks; ++j) mean.add(a(a.tasks - 1, j) - a(j, j));
    return mean.over(a.tasks);
}

double backward_transfer_all_rows(Matrix a, Initial) {
    Mean mean;
    for (std::size_t t = 1; t < a.tasks; ++t)
        for (std::size_t i = 0; i < t; ++i) mean.add(a(t, i) - a(i, i));
    return mean.value();
}

double forward_transfer_without_baseline(Matrix a, Initial) {
    return over_earlier(a, [&](std::size_t i) { return a(i, i + 1); });
}

} // namespace

const std::vector<Metric>& metrics() {
    static const std::vector<Metric> table{
        {"average_accuracy", "mean over j of a[T][j]",
         "Lopez-Paz and Ranzato 2017, arXiv 1706.08840", "accuracy", true, average_accuracy},
        {"forgetting", "mean over j < T of (max over j <= l < T of a[l][j]) - a[T][j]",
         "Chaudhry et al. 2018, arXiv 1801.10112", "accuracy", false, forgetting},
        {"backward_transfer", "mean over j < T of a[T][j] - a[j][j]",
         "Lopez-Paz and Ranzato 2017, arXiv 1706.08840", "accuracy", true, backward_transfer},
        {"forward_transfer", "mean over j > 1 of a[j-1][j] - b[j]",
         "Lopez-Paz and Ranzato 2017, arXiv 1706.08840", "accuracy, initial_accuracy", true,
         forward_transfer},
        {"learning_accuracy", "mean over j of a[j][j]", "Riemer et al. 2019, arXiv 1810.11910",
         "accuracy", true, learning_accuracy},
        {"average_incremental_accuracy", "mean over i of mean over j <= i of a[i][j]",
         "Rebuffi et al. 2017, arXiv 1611.07725", "accuracy", true, average_incremental_accuracy},
        {"worst_task_accuracy", "min over j of a[T][j]", "smallest entry of the last row",
         "accuracy", true, worst_task_accuracy},
        // Rivals: what other tools print under the same names.
        {"forgetting_rows_before_last", "mean over j < T of (max over l < T of a[l][j]) - a[T][j]",
         "code of facebookresearch/agem", "accuracy", false, forgetting_rows_before_last},
        {"forgetting_all_rows",
         "mean over j < T of (max over l <= T of a[l][j]) - a[T][j]; never negative",
         "code of imirzadeh/stable-continual-learning; mammoth, PyCIL, CL-Gym", "accuracy", false,
         forgetting_all_rows},
        {"first_minus_last", "mean over j < T of a[j][j] - a[T][j]", "forgetting in Avalanche",
         "accuracy", false, first_minus_last},
        {"forgetting_minus_sign", "mean over j < T of a[T][j] - (max over l < T of a[l][j])",
         "forgetting in the code of ExSSNeT", "accuracy", true, forgetting_minus_sign},
        {"backward_transfer_gem_code", "(1/T) sum over j < T of a[T][j] - a[j][j]",
         "code of facebookresearch/GradientEpisodicMemory", "accuracy", true,
         backward_transfer_gem_code},
        {"backward_transfer_all_rows", "mean over all i < t of a[t][i] - a[i][i]", "Continuum",
         "accuracy", true, backward_transfer_all_rows},
        {"forward_transfer_without_baseline", "mean over j > 1 of a[j-1][j]", "Continuum",
         "accuracy", true, forward_transfer_without_baseline},
    };
    return table;
}

const Metric* find_metric(const std::string& name) {
    for (const Metric& metric : metrics())
        if (name == metric.name) return &metric;
    return nullptr;
}

std::vector<double> forgetting_matrix(Matrix a) {
    std::vector<double> f(a.tasks * a.tasks, nan);
    for (std::size_t i = 1; i < a.tasks; ++i)
        for (std::size_t j = 0; j < i; ++j) {
            const double drop = best(a, j, j, i) - a(i, j);
            f[i * a.tasks + j] = std::isnan(drop) ? nan : drop;
        }
    return f;
}

std::vector<double> average_accuracy_by_task(Matrix a) {
    std::vector<double> averages;
    for (std::size_t t = 0; t < a.tasks; ++t) averages.push_back(seen(a, t));
    return averages;
}

} // namespace mneme::results
