// SPDX-License-Identifier: Apache-2.0
#include "report/benchmark_figures.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <base/text.hpp>

#include "report/line_chart.hpp"
#include "report/matrix_figure.hpp"
#include "report/numbers.hpp"
#include "report/scatter.hpp"

namespace mneme::report {
namespace {

constexpr std::size_t most_points = 200; // of a loss curve

std::vector<double> numbered(std::size_t count) {
    std::vector<double> out;
    for (std::size_t i = 1; i <= count; ++i) out.push_back(double(i));
    return out;
}

void name(Figure& figure, const std::string& what, const std::string& title,
          const std::string& description) {
    figure.name = safe_name(what);
    figure.title = title;
    figure.description = description;
}

Figure accuracy_over_tasks_seen(const results::Block& block) {
    LineChart chart;
    chart.x_axis = "tasks seen", chart.y_axis = "average accuracy";
    chart.x = numbered(block.tasks.size());
    chart.x_names = block.tasks;
    std::vector<double> shown;
    for (std::size_t m = 0; m < block.methods.size(); ++m) {
        const Curve curve = accuracy_over_tasks(block, m);
        chart.lines.push_back({block.methods[m], method_style(m), m, curve.mean, curve.half});
        shown.insert(shown.end(), curve.mean.begin(), curve.mean.end());
    }
    chart.y = linear_axis(shown);
    Figure figure = line_chart(chart);
    name(figure, block.benchmark + "-accuracy-over-tasks",
         fmt::format("{}: accuracy over tasks seen", block.benchmark),
         "Average accuracy on the tasks seen so far, after each task, for every method: the mean "
         "over complete seeds, with the 95 % t interval as a band.");
    return figure;
}

Figure accuracy_of_each_task(const results::Block& block, std::size_t m, const Axis& y) {
    const std::size_t tasks = block.tasks.size();
    const std::vector<double> matrix = mean_over_seeds(block, m, accuracy_of);
    LineChart chart;
    chart.small = true;
    chart.x_axis = "trained task", chart.y_axis = "accuracy";
    chart.x = numbered(tasks), chart.x_names = block.tasks, chart.y = y;
    for (std::size_t j = 0; j < tasks; ++j) {
        Line line{block.tasks[j], task_style(j, tasks), 0, {}, {}};
        for (std::size_t i = 0; i < tasks; ++i)
            line.y.push_back(i < j ? std::nan("") : matrix[i * tasks + j]);
        chart.lines.push_back(line);
    }
    Figure figure = line_chart(chart);
    name(figure, fmt::format("{}-tasks-{}-{}", block.benchmark, m + 1, block.methods[m]),
         block.methods[m],
         fmt::format("Accuracy of {} on each task from the time it was trained, mean over {}. Dark "
                     "lines are early tasks, light ones late.",
                     block.methods[m], seeds_in_words(block, m)));
    figure.method = block.methods[m];
    return figure;
}

MatrixData task_matrix(const results::Block& block) {
    MatrixData data;
    data.rows = data.columns = block.tasks.size();
    data.row_axis = "trained task", data.column_axis = "evaluated task";
    data.row_names = data.column_names = block.tasks;
    return data;
}

FigureGroup matrices(const results::Block& block, OfRun of_run, const std::string& quantity,
                     bool turned) {
    FigureGroup group;
    group.side_by_side = group.by_seed = true;
    MatrixData data = task_matrix(block);
    std::vector<std::vector<double>> all;
    std::vector<double> shown{0, turned ? 0.1 : 1};
    for (std::size_t m = 0; m < block.methods.size(); ++m) {
        all.push_back(mean_over_seeds(block, m, of_run));
        for (std::size_t s = 0; turned && s < block.seeds.size(); ++s) {
            const std::vector<double> one = of_run(block, m, s);
            shown.insert(shown.end(), one.begin(), one.end());
        }
    }
    const Axis axis = linear_axis(shown);
    data.low = group.low = axis.low, data.high = group.high = axis.high;
    data.light_is_low = turned;
    for (std::size_t m = 0; m < block.methods.size(); ++m) {
        data.values = all[m];
        Figure figure = matrix_figure(data);
        name(figure, fmt::format("{}-{}-{}-{}", block.benchmark, quantity, m + 1, block.methods[m]),
             block.methods[m],
             fmt::format("{} of {} on each task (columns) after training each task (rows), mean "
                         "over {}. The colours go from {} to {}.",
                         turned ? "Forgetting" : "Accuracy", block.methods[m],
                         seeds_in_words(block, m), axis.text(data.low), axis.text(data.high)));
        figure.method = block.methods[m];
        figure.quantity = quantity;
        group.figures.push_back(std::move(figure));
    }
    group.legend = colour_bar(data.low, data.high, turned, 240);
    return group;
}

FigureGroup costs(const results::Block& block) {
    FigureGroup group{"Accuracy and its cost",
                      "Final average accuracy against what a method keeps between tasks beside the "
                      "weights, and against seconds of training; means over complete seeds. "
                      "Evaluation is in neither.",
                      {},
                      {}};
    Scatter bytes{"kept bytes", "average accuracy", {}, {}, 0}, seconds = bytes;
    seconds.x_axis = "training seconds", seconds.x_decimals = 3;
    std::vector<double> shown;
    for (std::size_t m = 0; m < block.methods.size(); ++m) {
        const Cost cost = cost_of(block, m);
        Point point{block.methods[m], method_style(m), m, cost.bytes, cost.accuracy, cost.half};
        bytes.points.push_back(point);
        point.x = cost.seconds;
        seconds.points.push_back(point);
        shown.push_back(cost.accuracy);
    }
    bytes.y = seconds.y = linear_axis(shown);
    for (const auto& [chart, what] : {std::pair{&bytes, "kept-bytes"}, {&seconds, "seconds"}}) {
        if (std::none_of(chart->points.begin(), chart->points.end(),
                         [](const Point& point) { return std::isfinite(point.x + point.y); }))
            continue;
        Figure figure = scatter(*chart);
        name(figure, fmt::format("{}-accuracy-{}", block.benchmark, what),
             fmt::format("{}: accuracy against {}", block.benchmark, chart->x_axis),
             fmt::format("One point a method: {} on a logarithmic axis, average accuracy after the "
                         "last task with its 95 % t interval.",
                         chart->x_axis));
        group.figures.push_back(std::move(figure));
    }
    return group;
}

FigureGroup losses(const results::Block& block) {
    FigureGroup group{"Loss while training",
                      "Mean loss on the batches since the point before, over complete seeds; a "
                      "line stands where a task ends.",
                      {},
                      {}};
    if (block.train_loss.empty()) return group;
    const std::vector<PointSpan> spans = point_spans(block, most_points);
    LineChart chart;
    chart.counted = false;
    chart.x_axis = "points of the curve", chart.y_axis = "loss (nat)";
    chart.x = numbered(spans.size());
    for (std::size_t k = 0; k < spans.size(); ++k) {
        const PointSpan& span = spans[k];
        chart.x_names.push_back(
            span.end - span.begin == 1
                ? fmt::format("{} (task {})", span.end, span.task)
                : fmt::format("{}–{} (task {})", span.begin + 1, span.end, span.task));
        if (k > 0 && span.task != spans[k - 1].task) chart.marks.push_back(double(k) + 0.5);
    }
    std::vector<double> shown{0};
    for (std::size_t m = 0; m < block.methods.size(); ++m) {
        const std::vector<double> loss = loss_over_spans(block, m, spans);
        chart.lines.push_back({block.methods[m], method_style(m), m, loss, {}});
        shown.insert(shown.end(), loss.begin(), loss.end());
    }
    if (std::none_of(shown.begin() + 1, shown.end(), [](double x) { return std::isfinite(x); }))
        return group;
    chart.y = linear_axis(shown);
    Figure figure = line_chart(chart);
    name(figure, block.benchmark + "-loss", fmt::format("{}: loss while training", block.benchmark),
         "Training loss of every method over the whole stream.");
    group.figures.push_back(std::move(figure));
    return group;
}

} // namespace

std::string method_style(std::size_t method) { return fmt::format("s{}", method % 64); }

std::string task_style(std::size_t task, std::size_t tasks) {
    return fmt::format("t{}", tasks < 2 ? 0 : task * (task_classes - 1) / (tasks - 1));
}

std::vector<FigureGroup> figures_of(const results::Block& block) {
    std::vector<FigureGroup> groups;
    groups.push_back(
        {"Accuracy over tasks seen",
         "After each task, the mean accuracy over the tasks seen so far; the mean over "
         "complete seeds, its 95 % t interval as a band.",
         {accuracy_over_tasks_seen(block)},
         {}});
    FigureGroup each{"Each task's accuracy over time",
                     "A line a task, from the time it was trained; dark lines are early tasks, "
                     "light ones late. Means over complete seeds.",
                     {},
                     {},
                     true};
    for (std::size_t m = 0; m < block.methods.size(); ++m)
        each.figures.push_back(accuracy_of_each_task(block, m, linear_axis(0, 1)));
    groups.push_back(std::move(each));
    FigureGroup accuracy = matrices(block, accuracy_of, "accuracy", false);
    accuracy.heading = "Accuracy matrices";
    accuracy.remark =
        "Accuracy on each task after training each task, means over complete seeds. "
        "Right of the diagonal stand tasks that were not trained yet.";
    groups.push_back(std::move(accuracy));
    FigureGroup forgetting = matrices(block, forgetting_of, "forgetting", true);
    forgetting.heading = "Forgetting matrices";
    forgetting.remark =
        "The best accuracy on a task since it was trained, less the accuracy now; "
        "negative where the task improved. Means over complete seeds.";
    if (block.tasks.size() > 1) groups.push_back(std::move(forgetting));
    for (FigureGroup group :
         {confusion_figures(block), costs(block), losses(block), geometry_figures(block),
          curvature_figures(block), plane_figures(block), cka_figures(block), inside_figures(block),
          diagnostic_figures(block)})
        if (!group.figures.empty()) groups.push_back(std::move(group));
    return groups;
}

} // namespace mneme::report
