// SPDX-License-Identifier: Apache-2.0
#include "report/numbers.hpp"

#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <base/text.hpp>
#include <leaderboard/interval.hpp>
#include <leaderboard/measure.hpp>
#include <results/metrics.hpp>

namespace mneme::report {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Entry by entry over rows of equal length.
Curve curve_of(const std::vector<std::vector<double>>& rows, std::size_t length) {
    Curve curve;
    for (std::size_t i = 0; i < length; ++i) {
        std::vector<double> values;
        for (const auto& row : rows) values.push_back(row[i]);
        const leaderboard::Interval interval = leaderboard::t_interval(values);
        curve.mean.push_back(interval.mean);
        curve.half.push_back(interval.half);
    }
    return curve;
}

} // namespace

std::vector<double> accuracy_of(const results::Block& block, std::size_t m, std::size_t s) {
    return leaderboard::accuracies(block, m, s).matrix;
}

std::vector<double> forgetting_of(const results::Block& block, std::size_t m, std::size_t s) {
    const std::vector<double> accuracy = accuracy_of(block, m, s);
    return results::forgetting_matrix({accuracy, block.tasks.size()});
}

std::vector<double> loss_of(const results::Block& block, std::size_t m, std::size_t s) {
    const std::size_t tasks = block.tasks.size();
    std::vector<double> out(tasks * tasks, nan);
    if (!block.loss.empty())
        for (std::size_t i = 0; i < tasks; ++i)
            for (std::size_t j = 0; j < tasks; ++j)
                out[i * tasks + j] = block.loss.at({m, s, i, j});
    return out;
}

std::vector<double> initial_accuracy_of(const results::Block& block, std::size_t m, std::size_t s) {
    return leaderboard::accuracies(block, m, s).initial;
}

bool is_complete(const results::Block& block, std::size_t m, std::size_t s) {
    return results::Outcome(block.outcome.at({m, s})) == results::Outcome::complete;
}

std::vector<std::size_t> complete_seeds(const results::Block& block, std::size_t m) {
    std::vector<std::size_t> out;
    for (std::size_t s = 0; s < block.seeds.size(); ++s)
        if (is_complete(block, m, s)) out.push_back(s);
    return out;
}

std::vector<double> mean_over_seeds(const results::Block& block, std::size_t m, OfRun of_run) {
    std::vector<double> sum(block.tasks.size() * block.tasks.size(), nan);
    const std::vector<std::size_t> seeds = complete_seeds(block, m);
    for (std::size_t k = 0; k < seeds.size(); ++k) {
        const std::vector<double> one = of_run(block, m, seeds[k]);
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] = k == 0 ? one[i] : sum[i] + one[i];
    }
    for (double& value : sum) value /= double(seeds.size());
    return sum;
}

std::string seeds_in_words(const results::Block& block, std::size_t m) {
    std::vector<std::string> others;
    for (std::size_t s = 0; s < block.seeds.size(); ++s)
        if (!is_complete(block, m, s))
            others.push_back(
                fmt::format("seed {} {}", block.seeds[s],
                            results::name(results::Outcome(block.outcome.at({m, s})))));
    const std::size_t all = block.seeds.size();
    if (others.empty()) return fmt::format("{} {}", all, all == 1 ? "seed" : "seeds");
    return fmt::format("{} of {} {}; {}", all - others.size(), all, all == 1 ? "seed" : "seeds",
                       base::joined(others));
}

Curve accuracy_over_tasks(const results::Block& block, std::size_t m) {
    std::vector<std::vector<double>> rows;
    for (std::size_t s : complete_seeds(block, m)) {
        const std::vector<double> accuracy = accuracy_of(block, m, s);
        rows.push_back(results::average_accuracy_by_task({accuracy, block.tasks.size()}));
    }
    return curve_of(rows, block.tasks.size());
}

std::vector<PointSpan> point_spans(const results::Block& block, std::size_t most) {
    std::vector<PointSpan> spans;
    const std::size_t points = block.task_of_point.data.size();
    const std::size_t stride = most == 0 ? 1 : (points + most - 1) / most;
    for (std::size_t k = 0; k < points; ++k) {
        const std::int32_t task = block.task_of_point.at({k});
        if (spans.empty() || spans.back().task != task ||
            spans.back().end - spans.back().begin >= stride)
            spans.push_back({k, k, task});
        ++spans.back().end;
    }
    return spans;
}

std::vector<double> loss_over_spans(const results::Block& block, std::size_t m,
                                    const std::vector<PointSpan>& spans) {
    std::vector<double> out;
    const std::vector<std::size_t> seeds = complete_seeds(block, m);
    for (const PointSpan& span : spans) {
        double sum = seeds.empty() ? nan : 0;
        for (std::size_t s : seeds)
            for (std::size_t k = span.begin; k < span.end; ++k)
                sum += block.train_loss.at({m, s, k});
        out.push_back(sum / double(seeds.size() * (span.end - span.begin)));
    }
    return out;
}

Cost cost_of(const results::Block& block, std::size_t m) {
    std::vector<double> bytes, seconds, accuracy;
    const std::size_t tasks = block.tasks.size();
    for (std::size_t s : complete_seeds(block, m)) {
        bytes.push_back(block.kept_bytes.empty() ? nan : block.kept_bytes.at({m, s, tasks - 1}));
        double sum = 0;
        for (std::size_t t = 0; t < tasks; ++t)
            sum += block.train_seconds.empty() ? nan : block.train_seconds.at({m, s, t});
        seconds.push_back(sum);
        const std::vector<double> matrix = accuracy_of(block, m, s);
        accuracy.push_back(results::average_accuracy_by_task({matrix, tasks}).back());
    }
    const leaderboard::Interval interval = leaderboard::t_interval(accuracy);
    return {leaderboard::t_interval(bytes).mean, leaderboard::t_interval(seconds).mean,
            interval.mean, interval.half};
}

} // namespace mneme::report
