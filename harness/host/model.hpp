// SPDX-License-Identifier: Apache-2.0
// The network of a cell's runs with the rule of its head: weights, losses, gradients.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

#include <mneme/abi.h>
#include <benchmarks/network.hpp>

#include "host/draws.hpp"

namespace mneme::host {

struct Head {
    std::string scenario = "domain"; // domain, task, class
    bool shared = false;             // labels re-indexed per task: `task` then masks nothing
    int64_t width = 0;
    std::vector<std::vector<int64_t>> classes; // of each task
    bool all_logits = false;                   // class: those of classes to come count too
    bool by_task() const { return scenario == "task" && !shared; }
};

class Model final {
  public:
    Model(const bench::Network&, Head, const Placement&, const std::vector<int64_t>& seeds, Draws&);

    const bench::Network& network() const { return network_; }
    const Head& head() const { return head_; }
    // The classes of tasks up to this one count from now on (scenario class).
    void begin_task(int64_t task);
    // [train]'s; 0 leaves the network its own rates.
    void set_dropout(double probability) { dropout_ = probability; }
    bench::Dropout dropout(const mneme_batch&);

    bench::Weights initial() const;
    at::Tensor head_mask(const at::Tensor& task) const; // [S, B, C] bool
    at::Tensor losses(const at::Tensor& logits, const mneme_batch&) const;
    at::Tensor loss(const at::Tensor& losses, const at::Tensor& weight) const; // [S]
    // For bench::Weights: undefined where every row is known to count.
    at::Tensor counts(const mneme_batch&) const;
    at::Tensor gradient(const bench::Weights&, const mneme_batch&, bench::Mode);
    // The same for a loss of the caller's, and what the built-in one gives it.
    at::Tensor gradient(const bench::Weights&, const mneme_batch&, bench::Mode,
                        const bench::Cotangent&);
    at::Tensor loss_cotangent(const at::Tensor& logits, const mneme_batch&);
    at::Tensor gradients_of_rows(const bench::Weights&, const mneme_batch&,
                                 const at::Tensor& cotangents) const; // [S, B, P], eval mode
    at::Tensor per_sample(const bench::Weights&, const mneme_batch&, int32_t of,
                          int32_t reduce) const;

    // Sum and weight of the losses that `gradient` saw on current rows since the last call, double
    // [S] each; does not wait.
    std::pair<at::Tensor, at::Tensor> take_train_loss();
    void note_train_loss(const at::Tensor& losses, const mneme_batch&); // [S, B]: a method's own
    void peek_train_loss(std::vector<double>& sum,
                         std::vector<double>& weight) const; // for a checkpoint, and back
    void add_train_loss(const std::vector<double>& sum, const std::vector<double>& weight);

  private:
    // The derivative of the loss by the logits; of `current` rows the loss is noted.
    at::Tensor cross_entropy(const at::Tensor& logits, const mneme_batch&, int64_t current);
    at::Tensor cross_entropy_by_operators(const at::Tensor& logits, const mneme_batch&) const;

    const bench::Network& network_;
    const Head head_;
    const Placement placement_;
    const std::vector<int64_t> seeds_;
    Draws& draws_;
    at::Tensor task_mask_, seen_mask_;  // bool [T, C], [C]
    at::Tensor loss_sum_, loss_weight_; // double [S]
    double dropout_ = 0;
    bool noting_ = false; // in a train gradient, whose losses are noted
};

} // namespace mneme::host
