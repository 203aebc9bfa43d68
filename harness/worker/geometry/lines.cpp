// SPDX-License-Identifier: Apache-2.0
#include "worker/geometry/lines.hpp"

#include <cmath>
#include <cstdlib>
#include <stdexcept>

#include <ATen/ATen.h>

namespace mneme::harness {
namespace {

// Where the lines after matching are entered.
struct Matched {
    results::Array<double>&loss, &distance;
    results::Array<std::int32_t>& correct;
};

Matched matched_of(results::Block& b, Match way) {
    switch (way) {
        case Match::weights:
            return {b.geometry_matched_loss, b.geometry_matched_distance,
                    b.geometry_matched_correct};
        case Match::l2: return {b.geometry_l2_loss, b.geometry_l2_distance, b.geometry_l2_correct};
        case Match::mid:
            return {b.geometry_mid_loss, b.geometry_mid_distance, b.geometry_mid_correct};
    }
    throw std::logic_error("matched_of: no such way to match");
}

double distance(const at::Tensor& a, const at::Tensor& b) {
    return (a.to(at::kDouble) - b.to(at::kDouble)).norm().item<double>();
}

} // namespace

Lines::Lines(results::Block& block, const LineOptions& options)
    : block_(block), stored_(block), options_(options) {
    const std::size_t M = block.methods.size(), N = block.seeds.size(), T = block.tasks.size();
    const auto points = static_cast<std::size_t>(options.points);
    make_pairs();
    const std::size_t pairs = block.geometry_pair_from.data.size();
    block.geometry_position = {{points}, 0};
    for (std::size_t p = 0; p < points; ++p)
        block.geometry_position.data[p] = static_cast<double>(p) / static_cast<double>(points - 1);
    block.geometry_evaluated = {{T}, -1};
    block.geometry_loss = {{M, N, pairs, points, T}, std::nan("")};
    block.geometry_correct = {{M, N, pairs, points, T}, -1};
    block.geometry_distance = {{M, N, pairs}, std::nan("")};
    block.geometry_cosine = {{M, N, T, T}, std::nan("")};
    block.geometry_cka = {{M, N, pairs, T}, std::nan("")};
    for (const Match way : {Match::weights, Match::l2, Match::mid}) {
        const auto to_fill = matched_of(block, way);
        to_fill.loss = {}, to_fill.correct = {}, to_fill.distance = {};
    }
}

void Lines::make_pairs() {
    const std::size_t N = block_.seeds.size();
    const auto last = static_cast<std::int32_t>(block_.tasks.size());
    auto &from = block_.geometry_pair_from.data, &to = block_.geometry_pair_to.data;
    from.clear(), to.clear();
    const auto pair = [&](std::int32_t a, std::int32_t b) { from.push_back(a), to.push_back(b); };
    for (std::int32_t t = 1; t < last; ++t) pair(t, t + 1);
    for (std::int32_t t = 1; t + 1 < last; ++t) pair(t, last);
    if (stored_.has_joint())
        for (std::int32_t t = 1; t <= last; ++t) pair(t, 0);
    const std::size_t within = from.size();
    block_.geometry_pair_seed = {};
    if (options_.between_seeds && N > 1) {
        for (std::int32_t t = 1; t <= last; ++t) pair(t, t);
        block_.geometry_pair_seed = {{N, from.size()}, 0};
        for (std::size_t i = 0; i < N * from.size(); ++i) {
            const std::size_t n = i / from.size(), next = (n + 1) % N;
            block_.geometry_pair_seed.data[i] = block_.seeds[i % from.size() < within ? n : next];
        }
    }
    block_.geometry_pair_from.shape = block_.geometry_pair_to.shape = {from.size()};
}

// Counts of another device may differ in a few examples that lie on the edge between two classes.
std::string Lines::other_counts(std::size_t m, std::size_t n, const Rows& rows,
                                Minima& minima) const {
    const std::size_t T = block_.tasks.size();
    for (std::size_t i = 0; i < T; ++i) {
        if (!rows[i].theta.defined()) continue;
        for (std::size_t j = i + 1 == T ? 0 : i; j <= i; ++j) {
            const auto task = static_cast<int64_t>(j);
            const auto counted = block_.n_correct.at({m, n, i, j});
            if (counted < 0 || minima.examples(task) != block_.n_evaluated.at({j})) continue;
            const auto found = minima.score(rows[i], static_cast<int64_t>(i), task).correct[0];
            if (std::llabs(found - counted) <= 2 + block_.n_evaluated.at({j}) / 200) continue;
            return "its weights after task " + std::to_string(i + 1) + " answer " +
                   std::to_string(found) + " of " + std::to_string(block_.n_evaluated.at({j})) +
                   " examples of task " + std::to_string(j + 1) + " correctly, the file says " +
                   std::to_string(counted) +
                   ": it answers by more than these weights, and a line between them is not a line "
                   "between its networks";
        }
    }
    return {};
}

std::string Lines::evaluate(std::size_t m, std::size_t n, Minima& minima) {
    const std::size_t N = block_.seeds.size(), T = block_.tasks.size();
    const auto rows = stored_.of_run(m, n, minima.network(), minima.device());
    if (const auto why = other_counts(m, n, rows, minima); !why.empty()) return why;
    for (const Match way : options_.matches) {
        const auto to_fill = matched_of(block_, way);
        if (minima.network().groups().empty() || !to_fill.loss.empty()) continue;
        to_fill.loss = {block_.geometry_loss.shape, std::nan("")};
        to_fill.correct = {block_.geometry_correct.shape, -1};
        to_fill.distance = {block_.geometry_distance.shape, std::nan("")};
    }
    for (std::size_t t = 0; t < T; ++t)
        block_.geometry_evaluated.data[t] =
            static_cast<std::int32_t>(minima.examples(static_cast<int64_t>(t)));
    const auto& seeds = block_.geometry_pair_seed;
    const auto of_next =
        seeds.empty() ? Rows(T) : stored_.of_run(m, (n + 1) % N, minima.network(), minima.device());
    const auto of_all = stored_.of_all_tasks(n, minima.network(), minima.device());
    const auto pairs = block_.geometry_pair_from.data.size();
    for (std::size_t p = 0; p < pairs; ++p) {
        const auto to = block_.geometry_pair_to.data[p];
        const auto& a = rows[static_cast<std::size_t>(block_.geometry_pair_from.data[p]) - 1];
        const bool between = !seeds.empty() && seeds.at({n, p}) != block_.seeds[n];
        const auto& b =
            to == 0 ? of_all : (between ? of_next : rows)[static_cast<std::size_t>(to) - 1];
        const auto row = static_cast<int64_t>(to == 0 ? T : static_cast<std::size_t>(to)) - 1;
        if (a.theta.defined() && b.theta.defined()) evaluate_pair(m * N + n, p, a, b, row, minima);
        options_.progress(static_cast<int64_t>(p) + 1, static_cast<int64_t>(pairs));
    }
    enter_cosines(m * N + n, rows, minima);
    return {};
}

void Lines::evaluate_pair(std::size_t run, std::size_t pair, const bench::Weights& from,
                          const bench::Weights& to, int64_t row, Minima& minima) {
    const std::size_t at = run * block_.geometry_pair_from.data.size() + pair;
    block_.geometry_distance.data[at] = distance(from.theta, to.theta);
    for (std::size_t k = 0, T = block_.tasks.size(); k < T; ++k)
        block_.geometry_cka.data[at * T + k] = minima.cka(from, to, static_cast<int64_t>(k));
    enter_line(at, from.theta, to.theta, row, minima, block_.geometry_loss,
               block_.geometry_correct);
    if (minima.network().groups().empty()) return;
    for (const Match way : options_.matches) {
        const auto to_fill = matched_of(block_, way);
        const auto near = minima.matched(from.theta, to.theta, way, options_.match_steps, row);
        to_fill.distance.data[at] = distance(near, to.theta);
        enter_line(at, near, to.theta, row, minima, to_fill.loss, to_fill.correct);
    }
}

void Lines::enter_line(std::size_t line, const at::Tensor& from, const at::Tensor& to, int64_t row,
                       Minima& minima, results::Array<double>& loss,
                       results::Array<std::int32_t>& correct) {
    std::vector<at::Tensor> points;
    for (double t : block_.geometry_position.data) points.push_back(from * (1 - t) + to * t);
    const auto weights = minima.with_statistics(at::cat(points), row);
    const std::size_t T = block_.tasks.size(), count = points.size();
    for (std::size_t k = 0; k < T; ++k) {
        const auto scores = minima.score(weights, row, static_cast<int64_t>(k));
        for (std::size_t p = 0; p < count; ++p) {
            const std::size_t at = (line * count + p) * T + k;
            loss.data[at] = scores.loss[p];
            correct.data[at] = static_cast<std::int32_t>(scores.correct[p]);
        }
    }
}

void Lines::enter_cosines(std::size_t run, const Rows& rows, Minima& minima) {
    const std::size_t T = block_.tasks.size();
    const auto seed = block_.seeds[run % block_.seeds.size()];
    at::Tensor before;
    if (minima.starts_by_init())
        before = minima.network().initial(seed).unsqueeze(0).to(minima.device());
    std::vector<at::Tensor> steps(T);
    for (std::size_t t = 0; t < T; ++t) {
        const auto& now = rows[t].theta;
        if (now.defined() && before.defined())
            steps[t] = now.to(at::kDouble) - before.to(at::kDouble);
        before = now;
    }
    for (std::size_t i = 0; i < T; ++i)
        for (std::size_t j = 0; j < T; ++j) {
            if (!steps[i].defined() || !steps[j].defined()) continue;
            const double norms = (steps[i].norm() * steps[j].norm()).item<double>();
            block_.geometry_cosine.data[(run * T + i) * T + j] =
                norms > 0 ? (steps[i] * steps[j]).sum().item<double>() / norms : std::nan("");
        }
}

} // namespace mneme::harness
