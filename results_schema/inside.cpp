// SPDX-License-Identifier: Apache-2.0
#include "inside.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <results/metrics.hpp>

namespace mneme::results {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
const Axes run{Axis::method, Axis::seed};

struct Point { // of one task's accuracy while tasks are trained
    std::size_t trained;
    std::int32_t step;
    double accuracy;
};
using Series = std::vector<Point>;

// Accuracy on task j from where its training began, in the order of time. A method that cannot
// answer for a task that is not over has points from its end on.
Series series(const Block& b, std::size_t r, std::size_t j) {
    const std::size_t T = b.tasks.size(), E = b.continual_step.shape.back();
    Series points;
    for (std::size_t i = j; i < T; ++i)
        for (std::size_t k = 0; k < E; ++k) {
            const std::size_t at = (r * T + i) * E + k;
            if (b.continual_step.data[at] < 0) continue;
            const std::int32_t correct = b.continual_correct.data[at * T + j];
            if (i == j && correct < 0) continue;
            points.push_back({i, b.continual_step.data[at],
                              correct < 0
                                  ? nan
                                  : static_cast<double>(correct) /
                                        static_cast<double>(b.continual_evaluated.data[j])});
        }
    return points;
}

double mean(const std::vector<double>& terms) {
    double sum = 0;
    for (double x : terms) sum += x;
    return terms.empty() || std::isnan(sum) ? nan : sum / static_cast<double>(terms.size());
}

// The smallest of the points that `counts` names; NaN where there is none, or one is unknown.
template <class Counts> double lowest(const Series& points, Counts counts) {
    double low = std::numeric_limits<double>::infinity();
    for (const Point& p : points) {
        if (!counts(p)) continue;
        if (std::isnan(p.accuracy)) return nan;
        low = std::min(low, p.accuracy);
    }
    return std::isinf(low) ? nan : low;
}

double min_accuracy(const Block& b, std::size_t r) {
    std::vector<double> terms;
    for (std::size_t j = 0; j + 1 < b.tasks.size(); ++j)
        terms.push_back(lowest(series(b, r, j), [&](const Point& p) { return p.trained > j; }));
    return mean(terms);
}

double worst_case_accuracy(const Block& b, std::size_t r) {
    const Series last = series(b, r, b.tasks.size() - 1);
    const double now = last.empty() ? nan : last.back().accuracy;
    if (b.tasks.size() == 1) return now;
    const double share = 1 / static_cast<double>(b.tasks.size());
    return share * now + (1 - share) * min_accuracy(b, r);
}

// The largest fall (sign 1) or rise (sign -1) between two points at most `window` - 1 apart.
double largest_change(const Series& points, std::size_t window, double sign) {
    double most = points.empty() ? nan : 0;
    for (std::size_t n = 0; n < points.size(); ++n) {
        if (std::isnan(points[n].accuracy)) return nan;
        for (std::size_t m = n + 1 > window ? n + 1 - window : 0; m < n; ++m)
            most = std::max(most, sign * (points[m].accuracy - points[n].accuracy));
    }
    return most;
}

template <int window, int sign> double windowed(const Block& b, std::size_t r) {
    std::vector<double> terms;
    for (std::size_t j = 0; j < b.tasks.size(); ++j)
        terms.push_back(largest_change(series(b, r, j), window, sign));
    return mean(terms);
}

// Steps from the lowest of a task's points to the first behind it that is as high as the last.
double steps_to_recover(const Series& points) {
    if (points.empty() || std::any_of(points.begin(), points.end(),
                                      [](const Point& p) { return std::isnan(p.accuracy); }))
        return nan;
    const auto low =
        std::min_element(points.begin(), points.end(),
                         [](const Point& a, const Point& b) { return a.accuracy < b.accuracy; });
    const auto back = std::find_if(
        low, points.end(), [&](const Point& p) { return p.accuracy >= points.back().accuracy; });
    return static_cast<double>(back->step - low->step);
}

double recovery_steps(const Block& b, std::size_t r) {
    std::vector<double> of_task;
    for (std::size_t i = 1; i < b.tasks.size(); ++i) {
        std::vector<double> terms;
        for (std::size_t j = 0; j < i; ++j) {
            Series points;
            for (const Point& p : series(b, r, j))
                if (p.trained == i) points.push_back(p);
            terms.push_back(steps_to_recover(points));
        }
        of_task.push_back(mean(terms));
    }
    return mean(of_task);
}

// The first method of that plugin; the number of methods: there is none.
std::size_t method_of_plugin(const Block& b, const std::string& id) {
    for (std::size_t m = 0; m < b.methods.size(); ++m) {
        const auto texts = b.provenance.find(b.methods[m]);
        if (texts == b.provenance.end()) continue;
        const auto found = texts->second.find("plugin_id");
        if (found != texts->second.end() && found->second == id) return m;
    }
    return b.methods.size();
}

bool has_joint(const Block& b) { return method_of_plugin(b, "joint") < b.methods.size(); }
bool has_single(const Block& b) { return method_of_plugin(b, "single") < b.methods.size(); }

// Mean over tasks from `first` of sign * (reference[j][j] - a[j][j]), the reference of equal seed.
double against(const Block& b, std::size_t r, const char* plugin, std::size_t first, double sign) {
    const std::size_t T = b.tasks.size(), N = b.seeds.size(), m = method_of_plugin(b, plugin);
    const auto learned = [&](std::size_t run, std::size_t j) { // accuracy on j after j
        const std::size_t at = (run * T + j) * T + j;
        if (b.n_correct.data[at] >= 0 && b.n_evaluated.data[j] > 0)
            return static_cast<double>(b.n_correct.data[at]) /
                   static_cast<double>(b.n_evaluated.data[j]);
        return b.reported_accuracy.empty() ? nan : b.reported_accuracy.data[at];
    };
    std::vector<double> terms;
    for (std::size_t j = first; j < T; ++j)
        terms.push_back(sign * (learned(m * N + r % N, j) - learned(r, j)));
    return mean(terms);
}

double intransigence(const Block& b, std::size_t r) { return against(b, r, "joint", 0, 1); }
double transfer_against_single(const Block& b, std::size_t r) {
    return against(b, r, "single", 1, -1);
}

constexpr auto share_ = RunMetric::Unit::share;

} // namespace

std::vector<std::size_t> methods_beside(const Block& b) {
    std::vector<std::size_t> found;
    for (const char* plugin : {"joint", "single"})
        if (const std::size_t m = method_of_plugin(b, plugin); m < b.methods.size())
            found.push_back(m);
    return found;
}

std::vector<Derived> continual_formulas() {
    return {{"continual/accuracy",
             {Axis::method, Axis::seed, Axis::trained_task, Axis::evaluation, Axis::evaluated_task},
             "share answered correctly while the task was trained",
             {{"derived_from", "continual/n_correct, continual/n_evaluated"},
              {"formula", "n_correct / n_evaluated"},
              {"missing_means", "not evaluated"}},
             "continual/n_correct",
             [](const Block& b) { return share(b.continual_correct, b.continual_evaluated); }}};
}

std::vector<RunMetric> continual_metrics() {
    const auto entry = [](const char* name, const char* formula, bool higher,
                          double (*value)(const Block&, std::size_t),
                          const char* reference = "De Lange et al. 2023, arXiv 2205.13452",
                          RunMetric::Unit unit = share_) {
        const char* from = "continual/n_correct";
        return RunMetric{name,   formula, reference, from, from, "`evaluations = N` in the suite",
                         higher, unit,    value};
    };
    return {
        entry("min_accuracy",
              "mean over j < T of the min over all points of later tasks of accuracy on j", true,
              min_accuracy),
        entry("worst_case_accuracy",
              "(1/T) accuracy on T at the last point + (1 - 1/T) min_accuracy", true,
              worst_case_accuracy),
        entry("windowed_forgetting_10",
              "mean over j of the largest fall of accuracy on j within 10 points in a row, at "
              "least 0",
              false, windowed<10, 1>),
        entry("windowed_forgetting_100",
              "mean over j of the largest fall of accuracy on j within 100 points in a row, at "
              "least 0",
              false, windowed<100, 1>),
        entry("windowed_plasticity_10",
              "mean over j of the largest rise of accuracy on j within 10 points in a row, at "
              "least 0",
              true, windowed<10, -1>),
        entry("windowed_plasticity_100",
              "mean over j of the largest rise of accuracy on j within 100 points in a row, at "
              "least 0",
              true, windowed<100, -1>),
        entry("recovery_steps",
              "mean over i > 1 of mean over j < i of the steps of task i from the first lowest "
              "accuracy on j to the first later point as high as the task's last",
              false, recovery_steps, "the length of the stability gap", RunMetric::Unit::step),
    };
}

std::vector<RunMetric> reference_metrics() {
    const char* missing = "not evaluated, or the reference has not this seed";
    return {{"intransigence",
             "mean over j of r[j][j] - a[j][j], r the first method whose plugin is joint",
             "Chaudhry et al. 2018, arXiv 1801.10112", "accuracy", "n_correct",
             "a method `joint` in the suite", false, share_, intransigence, has_joint, missing},
            {"forward_transfer_against_single",
             "mean over j > 1 of a[j][j] - r[j][j], r the first method whose plugin is single",
             "against networks that are trained on each task alone", "accuracy", "n_correct",
             "a method `single` in the suite", true, share_, transfer_against_single, has_single,
             missing}};
}

} // namespace mneme::results
