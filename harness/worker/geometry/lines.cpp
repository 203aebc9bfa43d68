// SPDX-License-Identifier: Apache-2.0
#include "worker/geometry/lines.hpp"

#include <cmath>
#include <cstdlib>

#include <ATen/ATen.h>

#include "worker/geometry/matching.hpp"
#include "worker/kept_weights.hpp"

namespace mneme::harness {
namespace {

std::size_t method_of_plugin(const results::Block& block, const std::string& id) {
    for (std::size_t m = 0; m < block.methods.size(); ++m) {
        const auto texts = block.provenance.find(block.methods[m]);
        if (texts != block.provenance.end() && texts->second.count("plugin_id") &&
            texts->second.at("plugin_id") == id)
            return m;
    }
    return block.methods.size();
}

double distance(const at::Tensor& a, const at::Tensor& b) {
    return (a.to(at::kDouble) - b.to(at::kDouble)).norm().item<double>();
}

} // namespace

Lines::Lines(results::Block& block, const LineOptions& options)
    : block_(block), options_(options), joint_(method_of_plugin(block, "joint")) {
    const std::size_t M = block.methods.size(), N = block.seeds.size(), T = block.tasks.size();
    const auto points = static_cast<std::size_t>(options.points);
    const auto last = static_cast<std::int32_t>(T);
    auto &from = block.geometry_pair_from.data, &to = block.geometry_pair_to.data;
    from.clear(), to.clear();
    const auto pair = [&](std::int32_t a, std::int32_t b) { from.push_back(a), to.push_back(b); };
    for (std::int32_t t = 1; t < last; ++t) pair(t, t + 1);
    for (std::int32_t t = 1; t + 1 < last; ++t) pair(t, last);
    if (joint_ < M)
        for (std::int32_t t = 1; t <= last; ++t) pair(t, 0);
    block.geometry_pair_from.shape = block.geometry_pair_to.shape = {from.size()};
    block.geometry_position = {{points}, 0};
    for (std::size_t p = 0; p < points; ++p)
        block.geometry_position.data[p] = static_cast<double>(p) / static_cast<double>(points - 1);
    block.geometry_evaluated = {{T}, -1};
    block.geometry_loss = {{M, N, from.size(), points, T}, std::nan("")};
    block.geometry_correct = {{M, N, from.size(), points, T}, -1};
    block.geometry_distance = {{M, N, from.size()}, std::nan("")};
    block.geometry_cosine = {{M, N, T, T}, std::nan("")};
    block.geometry_matched_loss = {}, block.geometry_matched_correct = {};
    block.geometry_matched_distance = {};
}

bool Lines::has_weights(std::size_t m, std::size_t n) const {
    const std::size_t T = block_.tasks.size(), P = block_.weights.shape[3];
    for (std::size_t t = 0; t < T; ++t)
        if (!std::isnan(block_.weights.at({m, n, t, P - 1}))) return true;
    return false;
}

Lines::Rows Lines::minima_of(std::size_t m, std::size_t n, Minima& minima) const {
    const std::size_t N = block_.seeds.size(), T = block_.tasks.size(), P = block_.weights.shape[3];
    const auto& network = minima.network();
    Rows rows(T);
    for (std::size_t t = 0; t < T; ++t) {
        const float* first = block_.weights.data.data() + ((m * N + n) * T + t) * P;
        if (std::isnan(first[P - 1])) continue;
        const auto packed =
            at::from_blob(const_cast<float*>(first), {1, static_cast<int64_t>(P)}, at::kFloat);
        rows[t] = with_padding(network.layers(), network.columns(), packed).to(minima.device());
    }
    return rows;
}

// Counts of another device may differ in a few examples that lie on the edge between two classes.
std::string Lines::other_counts(std::size_t m, std::size_t n, const Rows& rows,
                                Minima& minima) const {
    const std::size_t T = block_.tasks.size();
    for (std::size_t i = 0; i < T; ++i) {
        if (!rows[i].defined()) continue;
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
    const auto rows = minima_of(m, n, minima);
    if (const auto why = other_counts(m, n, rows, minima); !why.empty()) return why;
    if (!minima.network().groups().empty() && block_.geometry_matched_loss.empty()) {
        block_.geometry_matched_loss = {block_.geometry_loss.shape, std::nan("")};
        block_.geometry_matched_correct = {block_.geometry_correct.shape, -1};
        block_.geometry_matched_distance = {block_.geometry_distance.shape, std::nan("")};
    }
    for (std::size_t t = 0; t < T; ++t)
        block_.geometry_evaluated.data[t] =
            static_cast<std::int32_t>(minima.examples(static_cast<int64_t>(t)));
    at::Tensor of_all; // the minimum of all tasks together
    if (joint_ < block_.methods.size() && has_weights(joint_, n))
        of_all = minima_of(joint_, n, minima).back();
    const auto pairs = block_.geometry_pair_from.data.size();
    for (std::size_t p = 0; p < pairs; ++p) {
        const auto to = block_.geometry_pair_to.data[p];
        const auto& a = rows[static_cast<std::size_t>(block_.geometry_pair_from.data[p]) - 1];
        const auto& b = to == 0 ? of_all : rows[static_cast<std::size_t>(to) - 1];
        const auto row = static_cast<int64_t>(to == 0 ? T : static_cast<std::size_t>(to)) - 1;
        if (a.defined() && b.defined()) evaluate_pair(m * N + n, p, a, b, row, minima);
        options_.progress(static_cast<int64_t>(p) + 1, static_cast<int64_t>(pairs));
    }
    enter_cosines(m * N + n, rows, minima);
    return {};
}

void Lines::evaluate_pair(std::size_t run, std::size_t pair, const at::Tensor& from,
                          const at::Tensor& to, int64_t row, Minima& minima) {
    const std::size_t at = run * block_.geometry_pair_from.data.size() + pair;
    block_.geometry_distance.data[at] = distance(from, to);
    enter_line(at, from, to, row, minima, block_.geometry_loss, block_.geometry_correct);
    if (block_.geometry_matched_loss.empty()) return;
    const auto near = matched(minima.session(), from, to);
    block_.geometry_matched_distance.data[at] = distance(near, to);
    enter_line(at, near, to, row, minima, block_.geometry_matched_loss,
               block_.geometry_matched_correct);
}

void Lines::enter_line(std::size_t line, const at::Tensor& from, const at::Tensor& to, int64_t row,
                       Minima& minima, results::Array<double>& loss,
                       results::Array<std::int32_t>& correct) {
    std::vector<at::Tensor> points;
    for (double t : block_.geometry_position.data) points.push_back(from * (1 - t) + to * t);
    const auto theta = at::cat(points);
    const std::size_t T = block_.tasks.size(), count = points.size();
    for (std::size_t k = 0; k < T; ++k) {
        const auto scores = minima.score(theta, row, static_cast<int64_t>(k));
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
    auto before = minima.network().initial(seed).unsqueeze(0).to(minima.device());
    Rows steps(T);
    for (std::size_t t = 0; t < T; ++t) {
        if (rows[t].defined() && before.defined())
            steps[t] = rows[t].to(at::kDouble) - before.to(at::kDouble);
        before = rows[t];
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
