// SPDX-License-Identifier: Apache-2.0
#include "host/model.hpp"

#include <algorithm>

#include <ATen/ATen.h>

#include <mneme/error.hpp>

#include "host/handle.hpp"
#include "host/ones.hpp"

namespace mneme::host {

Model::Model(const bench::Network& network, Head head, const Placement& placement,
             const std::vector<int64_t>& seeds, Draws& draws)
    : network_(network), head_(std::move(head)), placement_(placement), seeds_(seeds),
      draws_(draws) {
    const auto tasks = static_cast<int64_t>(head_.classes.size());
    auto mask = at::zeros({tasks, head_.width}, at::kBool);
    for (int64_t t = 0; t < tasks; ++t)
        for (int64_t c : head_.classes[static_cast<std::size_t>(t)]) mask[t][c] = true;
    task_mask_ = mask.to(placement_.device);
    seen_mask_ = at::zeros({head_.width}, placement_.of(at::kBool));
    loss_sum_ = at::zeros({placement_.replicas}, placement_.of(at::kDouble));
    loss_weight_ = at::zeros_like(loss_sum_);
}

void Model::begin_task(int64_t task) {
    const int64_t tasks = head_.all_logits ? task_mask_.size(0) : task + 1;
    seen_mask_.copy_(task_mask_.narrow(0, 0, tasks).any(0));
}

bench::Weights Model::initial() const {
    std::vector<at::Tensor> rows;
    for (int64_t seed : seeds_) rows.push_back(network_.initial(seed));
    const auto stats = network_.initial_stats().expand({placement_.replicas, -1});
    return {at::stack(rows).to(placement_.device), stats.contiguous().to(placement_.device)};
}

at::Tensor Model::head_mask(const at::Tensor& task) const {
    const std::vector<int64_t> shape{task.size(0), task.size(1), head_.width};
    if (head_.scenario == "class") return seen_mask_.expand(shape);
    if (head_.by_task()) return task_mask_.index_select(0, task.reshape({-1})).view(shape);
    return at::ones({1, 1, 1}, placement_.of(at::kBool)).expand(shape);
}

at::Tensor Model::counts(const mneme_batch& batch) const {
    const auto weight = value_of(batch.weight);
    return are_known_ones(weight) ? at::Tensor() : weight;
}

bench::Dropout Model::dropout(const mneme_batch& batch) {
    const auto& own_rates = network_.dropout_rates();
    if (dropout_ <= 0 &&
        std::all_of(own_rates.begin(), own_rates.end(), [](double rate) { return rate <= 0; }))
        return {};
    const int64_t current = batch.current;
    return [this, current, &own_rates](int64_t layer, at::IntArrayRef shape) {
        if (shape[0] != placement_.replicas)
            throw Error(
                "dropout: stacked weights cannot be trained with dropout; use Mode::eval or "
                "Mode::batch_stats",
                MNEME_STATE);
        const double rate = dropout_ > 0 ? dropout_ : own_rates[static_cast<std::size_t>(layer)];
        auto out = at::empty(shape, placement_.of(at::kFloat));
        const int64_t rows = shape[1], width = shape[2], first = std::min(current, rows);
        const auto fill = [&](const char* purpose, int64_t start, int64_t n) {
            if (n > 0)
                draws_.dropout(purpose, rate, n * width, rows * width,
                               out.data_ptr<float>() + start * width);
        };
        fill("dropout", 0, first);
        fill("dropout_memory", first, rows - first);
        return out;
    };
}

std::pair<at::Tensor, at::Tensor> Model::take_train_loss() {
    auto out = std::make_pair(loss_sum_.clone(), loss_weight_.clone());
    loss_sum_.zero_();
    loss_weight_.zero_();
    return out;
}

void Model::peek_train_loss(std::vector<double>& sum, std::vector<double>& weight) const {
    const auto s = loss_sum_.to(at::kCPU), w = loss_weight_.to(at::kCPU);
    sum.assign(s.data_ptr<double>(), s.data_ptr<double>() + s.numel());
    weight.assign(w.data_ptr<double>(), w.data_ptr<double>() + w.numel());
}

void Model::add_train_loss(const std::vector<double>& sum, const std::vector<double>& weight) {
    for (int64_t r = 0; r < placement_.replicas; ++r) {
        loss_sum_[r] += sum[static_cast<std::size_t>(r)];
        loss_weight_[r] += weight[static_cast<std::size_t>(r)];
    }
}

void Model::note_train_loss(const at::Tensor& losses, const mneme_batch& batch) {
    const auto weight = value_of(batch.weight);
    if (losses.sizes() != weight.sizes() || losses.size(0) != placement_.replicas)
        throw Error(c10::str("report_loss: losses are ", losses.sizes(), " and the batch ",
                             weight.sizes(), "; give one loss a row of every replica"),
                    MNEME_ARGUMENT);
    const int64_t current = std::min(batch.current, losses.size(1));
    const auto own = weight.narrow(1, 0, current).to(at::kDouble);
    loss_sum_.add_((losses.narrow(1, 0, current).to(at::kDouble) * own).sum(1));
    loss_weight_.add_(own.sum(1));
}

} // namespace mneme::host
