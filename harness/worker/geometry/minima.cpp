// SPDX-License-Identifier: Apache-2.0
#include "worker/geometry/minima.hpp"

#include <algorithm>
#include <cmath>
#include <thread>

#include <ATen/ATen.h>

#include "worker/evaluator.hpp"
#include "worker/logit_scores.hpp"
#include "worker/run_setup.hpp"
#include "worker/task_source.hpp"

namespace mneme::harness {

Minima::Minima(const protocol::Cell& cell, int64_t examples) : cell_(cell), examples_(examples) {
    const auto device = cell.execution.device == "cuda" ? at::kCUDA : at::kCPU;
    stream_ = stream_of(cell_, device);
    network_ = network_of(cell_.spec().network, *stream_, device);
    session_ = std::make_unique<host::Session>(*network_, std::vector{cell_.runs[0].seed},
                                               head_of(cell_.spec().scenario, *stream_),
                                               stream_->table(), device);
}

std::vector<std::string> Minima::data_digests() const {
    std::vector<std::string> digests;
    for (const auto& of_task : stream_->data_digests(
             [&](int64_t r, int64_t t) { return first_order(cell_, *stream_, r, t); },
             std::thread::hardware_concurrency()))
        digests.push_back(of_task.front());
    return digests;
}

const bench::Examples& Minima::subset(int64_t task) {
    const auto found = subsets_.find(task);
    if (found != subsets_.end()) return found->second;
    auto some = at_equal_distances(stream_->test(task), examples_);
    if (some.x.dim() == 3) some.x = some.x.select(0, 0); // this seed's
    return subsets_.emplace(task, std::move(some)).first->second;
}

Minima::Scores Minima::score(const at::Tensor& theta, int64_t row, int64_t task) {
    const auto& examples = subset(task);
    const int64_t n = examples.size(), networks = theta.size(0);
    const auto stats = at::empty({networks, 0}, theta.options());
    const int64_t at_once = evaluation_rows(stream_->input_shape(), device(), networks);
    auto logits = at::empty({networks, n, stream_->classes()}, theta.options());
    for (int64_t first = 0; first < n; first += at_once) {
        const int64_t rows = std::min(at_once, n - first);
        const auto x = session_->batches().input(examples.x.narrow(0, first, rows));
        logits.narrow(1, first, rows)
            .copy_(network_->logits({theta, stats}, x, bench::Mode::eval, {}));
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
