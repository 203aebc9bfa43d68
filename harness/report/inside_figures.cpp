// SPDX-License-Identifier: Apache-2.0
// Accuracy while tasks are trained, and what methods report about themselves after each task.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "report/benchmark_figures.hpp"
#include "report/line_chart.hpp"
#include "report/numbers.hpp"

namespace mneme::report {
namespace {

constexpr std::size_t most_points = 200; // of a line, over the whole stream
constexpr std::size_t most_diagnostics = 12;

struct Moment { // an evaluation inside a task
    std::size_t task, evaluation;
};

bool was_made(const results::Block& block, std::size_t m, const Moment& at) {
    const std::vector<std::size_t> seeds = complete_seeds(block, m);
    return std::any_of(seeds.begin(), seeds.end(), [&](std::size_t s) {
        return block.continual_step.at({m, s, at.task, at.evaluation}) >= 0;
    });
}

// Of many evaluations every k-th, and the last of each task.
std::vector<Moment> moments_of(const results::Block& block, std::size_t m) {
    std::vector<Moment> all, kept;
    for (std::size_t t = 0; t < block.tasks.size(); ++t)
        for (std::size_t e = 0; e < block.continual_step.shape.back(); ++e)
            if (was_made(block, m, {t, e})) all.push_back({t, e});
    const std::size_t stride = (all.size() + most_points - 1) / most_points;
    for (std::size_t k = 0; k < all.size(); ++k) {
        const bool last = k + 1 == all.size() || all[k + 1].task != all[k].task;
        if (last || (all[k].evaluation + 1) % stride == 0) kept.push_back(all[k]);
    }
    return kept;
}

double accuracy_at(const results::Block& block, std::size_t m, const Moment& at, std::size_t j) {
    double sum = 0;
    std::size_t known = 0;
    for (std::size_t s : complete_seeds(block, m)) {
        const std::int32_t correct = block.continual_correct.at({m, s, at.task, at.evaluation, j});
        if (correct < 0) continue;
        sum += double(correct) / double(block.continual_evaluated.at({j})), ++known;
    }
    return known == 0 ? std::nan("") : sum / double(known);
}

// The number of steps, where all complete seeds have the same.
std::string name_of(const results::Block& block, std::size_t m, const Moment& at) {
    std::int32_t step = -1;
    for (std::size_t s : complete_seeds(block, m))
        step = std::max(step, block.continual_step.at({m, s, at.task, at.evaluation}));
    return fmt::format("task {}, evaluation {}, step {}", at.task + 1, at.evaluation + 1, step);
}

Figure inside(const results::Block& block, std::size_t m, const std::vector<Moment>& moments) {
    const std::size_t tasks = block.tasks.size();
    LineChart chart;
    chart.small = true, chart.counted = false;
    chart.x_axis = "evaluation", chart.y_axis = "accuracy", chart.y = linear_axis(0, 1);
    for (std::size_t k = 0; k < moments.size(); ++k) {
        chart.x.push_back(double(k + 1));
        chart.x_names.push_back(name_of(block, m, moments[k]));
        if (k > 0 && moments[k].task != moments[k - 1].task) chart.marks.push_back(double(k) + 0.5);
    }
    for (std::size_t j = 0; j < tasks; ++j) {
        Line line{block.tasks[j], task_style(j, tasks), 0, {}, {}};
        for (const Moment& at : moments) line.y.push_back(accuracy_at(block, m, at, j));
        chart.lines.push_back(std::move(line));
    }
    Figure figure = line_chart(chart);
    figure.name =
        safe_name(fmt::format("{}-inside-{}-{}", block.benchmark, m + 1, block.methods[m]));
    figure.title = figure.method = block.methods[m];
    figure.description = fmt::format(
        "Accuracy of {} on each task at evaluations while tasks are trained, mean over {}. A "
        "vertical line stands where a task ends; dark lines are early tasks, light ones late.",
        block.methods[m], seeds_in_words(block, m));
    return figure;
}

double mean_reported(const results::Array<double>& values, std::size_t m, std::size_t t,
                     const std::vector<std::size_t>& seeds) {
    double sum = 0;
    std::size_t known = 0;
    for (std::size_t s : seeds)
        if (const double x = values.at({m, s, t}); std::isfinite(x)) sum += x, ++known;
    return known == 0 ? std::nan("") : sum / double(known);
}

bool reported(const results::Block& block, const results::Diagnostic& diagnostic) {
    for (std::size_t m = 0; m < block.methods.size(); ++m)
        for (std::size_t s : complete_seeds(block, m))
            for (std::size_t t = 0; t < block.tasks.size(); ++t)
                if (std::isfinite(diagnostic.values.at({m, s, t}))) return true;
    return false;
}

Figure diagnostic_figure(const results::Block& block, const std::string& name,
                         const results::Diagnostic& diagnostic) {
    LineChart chart;
    chart.decimals = significant;
    chart.x_axis = "trained task";
    chart.y_axis = diagnostic.units.empty() || diagnostic.units == "1"
                       ? name
                       : fmt::format("{} ({})", name, diagnostic.units);
    chart.x_names = block.tasks;
    for (std::size_t t = 1; t <= block.tasks.size(); ++t) chart.x.push_back(double(t));
    std::vector<double> shown;
    for (std::size_t m = 0; m < block.methods.size(); ++m) {
        Line line{block.methods[m], method_style(m), m, {}, {}};
        const std::vector<std::size_t> seeds = complete_seeds(block, m);
        for (std::size_t t = 0; t < block.tasks.size(); ++t)
            line.y.push_back(mean_reported(diagnostic.values, m, t, seeds));
        if (std::none_of(line.y.begin(), line.y.end(), [](double y) { return std::isfinite(y); }))
            continue;
        shown.insert(shown.end(), line.y.begin(), line.y.end());
        chart.lines.push_back(std::move(line));
    }
    chart.y = linear_axis(shown);
    Figure figure = line_chart(chart);
    figure.name = safe_name(fmt::format("{}-diagnostic-{}", block.benchmark, name));
    figure.title = fmt::format("{}: {}", block.benchmark, name);
    figure.description = fmt::format(
        "{}, as the methods that know it report it after each task; "
        "mean over complete seeds.",
        diagnostic.help.empty() ? name : diagnostic.help);
    return figure;
}

} // namespace

FigureGroup inside_figures(const results::Block& block) {
    FigureGroup group{"Accuracy inside tasks",
                      "A line a task, at evaluations while tasks are trained; a vertical line "
                      "stands where a task ends. Means over complete seeds.",
                      {},
                      {},
                      true};
    if (block.continual_step.empty()) return group;
    for (std::size_t m = 0; m < block.methods.size(); ++m)
        if (const auto moments = moments_of(block, m); !moments.empty())
            group.figures.push_back(inside(block, m, moments));
    return group;
}

FigureGroup diagnostic_figures(const results::Block& block) {
    FigureGroup group{"What methods report about themselves",
                      "After each task; means over complete seeds.",
                      {},
                      {}};
    std::size_t left_out = 0;
    for (const auto& [name, diagnostic] : block.diagnostics) {
        if (!reported(block, diagnostic)) continue;
        if (group.figures.size() == most_diagnostics) ++left_out;
        else group.figures.push_back(diagnostic_figure(block, name, diagnostic));
    }
    if (left_out > 0)
        group.remark +=
            fmt::format(" {} more are in the file: `mneme export --what diagnostics`.", left_out);
    return group;
}

} // namespace mneme::report
