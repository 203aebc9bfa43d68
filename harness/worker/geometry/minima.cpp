// SPDX-License-Identifier: Apache-2.0
#include "worker/geometry/minima.hpp"

#include <algorithm>
#include <cmath>
#include <thread>

#include <ATen/ATen.h>

#include "worker/evaluator.hpp"
#include "worker/geometry/cka.hpp"
#include "worker/geometry/norm_statistics.hpp"
#include "worker/logit_scores.hpp"
#include "worker/run_setup.hpp"
#include "worker/task_source.hpp"

namespace mneme::harness {
namespace {

constexpr int64_t batch_size = 100, most_batches = 20; // of training data, for statistics

bench::Examples of_first_replica(bench::Examples all) {
    if (all.x.dim() == 3) all.x = all.x.select(0, 0);
    return all;
}

} // namespace

Minima::Minima(const protocol::Cell& cell, int64_t examples) : cell_(cell), examples_(examples) {
    const auto device = cell.execution.device == "cuda" ? at::kCUDA : at::kCPU;
    stream_ = stream_of(cell_, device);
    network_ = network_of(cell_.spec().network, *stream_, device);
    session_ = std::make_unique<host::Session>(*network_, std::vector{cell_.runs[0].seed},
                                               head_of(cell_.spec().scenario, *stream_),
                                               stream_->table(), device);
    matcher_ = std::make_unique<Matcher>(*session_);
}

std::vector<std::string> Minima::data_digests() const {
    std::vector<std::string> digests;
    for (const auto& of_task : stream_->data_digests(
             [&](int64_t r, int64_t t) { return first_order(cell_, *stream_, r, t); },
             std::thread::hardware_concurrency()))
        digests.push_back(of_task.front());
    return digests;
}

std::optional<int64_t> Minima::other_data(Minima& other) {
    for (int64_t t = 0; t < stream_->tasks(); ++t) {
        const auto &here = subset(t), &there = other.subset(t);
        if (!at::equal(here.x, there.x) || !at::equal(here.y, there.y)) return t;
    }
    return std::nullopt;
}

const bench::Examples& Minima::subset(int64_t task) {
    const auto found = subsets_.find(task);
    if (found != subsets_.end()) return found->second;
    auto some = of_first_replica(at_equal_distances(stream_->test(task), examples_));
    return subsets_.emplace(task, std::move(some)).first->second;
}

std::vector<LabelledBatch> Minima::training(int64_t row) {
    auto& all = training_[row];
    if (!all.x.defined()) {
        const int64_t of_task = std::max<int64_t>(1, most_batches * batch_size / (row + 1));
        std::vector<at::Tensor> x, y, task;
        for (int64_t t = 0; t <= row; ++t) {
            const auto some = of_first_replica(at_equal_distances(stream_->train(t), of_task));
            x.push_back(some.x), y.push_back(some.y), task.push_back(at::full_like(some.y, t));
        }
        all = {at::cat(x), at::cat(y), at::cat(task)};
    }
    const int64_t count = std::clamp<int64_t>(all.y.size(0) / batch_size, 1, most_batches);
    std::vector<LabelledBatch> batches; // every n-th example: those of a task may lie by class
    for (int64_t k = 0; k < count; ++k)
        batches.push_back({session_->batches().input(all.x.slice(0, k, {}, count)),
                           all.y.slice(0, k, {}, count), all.task.slice(0, k, {}, count)});
    return batches;
}

bench::Weights Minima::with_statistics(const at::Tensor& theta, int64_t row) {
    if (network_->stats_columns() == 0)
        return {theta, at::empty({theta.size(0), 0}, theta.options())};
    std::vector<at::Tensor> inputs;
    for (const auto& batch : training(row)) inputs.push_back(batch.x);
    return {theta, estimated_statistics(*network_, theta, inputs)};
}

at::Tensor Minima::matched(const at::Tensor& a, const at::Tensor& b, Match way, int64_t steps,
                           int64_t row) {
    return (*matcher_)(a, b, way, steps, row,
                       way == Match::mid ? training(row) : std::vector<LabelledBatch>());
}

at::Tensor Minima::features(const bench::Weights& weights, int64_t task) {
    const auto& x = subset(task).x;
    const int64_t n = x.size(0), at_once = evaluation_rows(stream_->input_shape(), device(), 1);
    std::vector<at::Tensor> parts;
    for (int64_t first = 0; first < n; first += at_once)
        parts.push_back(network_
                            ->features(weights,
                                       session_->batches().input(
                                           x.narrow(0, first, std::min(at_once, n - first))),
                                       bench::Mode::eval, {})
                            .select(0, 0));
    return at::cat(parts);
}

double Minima::cka(const bench::Weights& a, const bench::Weights& b, int64_t task) {
    return linear_cka(features(a, task), features(b, task));
}

Minima::Scores Minima::score(const bench::Weights& weights, int64_t row, int64_t task) {
    const auto& examples = subset(task);
    const int64_t n = examples.size(), networks = weights.theta.size(0);
    const int64_t at_once = evaluation_rows(stream_->input_shape(), device(), networks);
    auto logits = at::empty({networks, n, stream_->classes()}, weights.theta.options());
    for (int64_t first = 0; first < n; first += at_once) {
        const int64_t rows = std::min(at_once, n - first);
        const auto x = session_->batches().input(examples.x.narrow(0, first, rows));
        logits.narrow(1, first, rows).copy_(network_->logits(weights, x, bench::Mode::eval, {}));
    }
    const auto mask = classes_that_count(cell_.spec().scenario, *stream_, row, task);
    const auto counted = score_logits(logits, examples.y, mask.to(device()), {});
    const auto loss = counted.loss.to(at::kCPU), correct = counted.correct.to(at::kCPU);
    Scores scores;
    for (int64_t k = 0; k < networks; ++k) {
        const double sum = loss.data_ptr<double>()[k];
        scores.loss.push_back(std::isfinite(sum) ? sum / static_cast<double>(n) : std::nan(""));
        scores.correct.push_back(correct.data_ptr<int64_t>()[k]);
    }
    return scores;
}

} // namespace mneme::harness
