// SPDX-License-Identifier: Apache-2.0
// Supermasks: one 0/1 mask a task over the weights of one network. Ramanujan et al. 2019,
// arXiv:1911.13299; Wortsman et al. 2020, arXiv:2006.14769.
//
//   forward   W m,  m = 1 on the k largest |s| of each layer and replica, k = numel - floor((1 -
//       density) numel); of equal |s| those with
//             the lower index are dropped
//   backward  dL/ds = dL/d(W m) W sign(s), straight through the choice: every score gets a
//       gradient, kept or not
//   start     s ~ U(-1/sqrt(fan_in), 1/sqrt(fan_in)), fresh in each task;  W = sign(initial) sqrt(2
//       / fan_in)
//
// Biases and shifts are 0, scales 1, always kept and never trained; running statistics start anew
// in each task and are kept with its mask. Density rules: uniform; uniform_body (the output layer
// max(density, .5)); erdos_renyi (layer densities min(.5, c (out + in) / (out in kh kw)) as in the
// SupSup code, which lists values of c; here c makes the share of all weights the density that is
// asked for).
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <mneme/learner.hpp>
#include <mneme/select.hpp>
#include <mneme/supermask_layers.hpp>

namespace mneme {

class Supermask final {
  public:
    // Declares what SupermaskLayers declares.
    explicit Supermask(Setup& s)
        : layers_(s), init_(s.random("score_init")), stats_at_start_(s.net.initial().stats) {
        const auto of_weights = [](const Layer& l, double value) {
            return l.kind == LayerKind::weight ? value : 0;
        };
        bound_ = s.net.per_column([&](const Layer& l) {
            return of_weights(l, 1 / std::sqrt(static_cast<double>(l.fan_in)));
        });
        trained_ = bound_ > 0;
        size_ = s.net.per_column([&](const Layer& l) {
            return of_weights(l, std::sqrt(2 / (static_cast<double>(l.fan_in) * layers_.share(l))));
        });
        scale_ =
            s.net.per_column([](const Layer& l) { return l.kind == LayerKind::scale ? 1 : 0; });
        others_ = s.net.real() && !trained_;
        powers_ =
            Tensor::of(std::vector<int64_t>{1, 2, 4, 8, 16, 32, 64, 128}, {8}).to(DType::uint8);
        none_ = zeros({1, 1});
    }

    Tensor constants(const Tensor& initial) const {
        return initial.sign() * size_ + scale_;
    } // the frozen weights
    Tensor fresh() const {
        return (init_.uniform({bound_.size(1)}) * 2 - 1) * bound_;
    } // scores of a new task; once a task
    const Tensor& stats_at_start() const { return stats_at_start_; }
    const Tensor& trained() const {
        return trained_;
    } // [1, P] bool: the weights, without biases and the like

    Tensor mask(const Tensor& scores) const { // [S, P] bool
        auto out = others_.repeat({scores.size(0), 1});
        for (const auto& l : layers_)
            out.narrow(1, l.offset, l.numel)
                .copy_(largest_of(abs(scores.narrow(1, l.offset, l.numel)), l.kept));
        return out;
    }
    // `where` and not a product: what is not a number stays outside the mask.
    Tensor masked(const Tensor& theta, const Tensor& mask) const {
        return where(mask, theta, none_);
    }
    // Written over `gradient`.
    Tensor slope(Tensor gradient, const Tensor& theta, const Tensor& scores) const {
        gradient *= theta;
        return gradient *= scores.sign();
    }

    // Masks of past tasks, eight to a byte.
    Tensor packed(const Tensor& mask) const {
        return (mask.to(DType::uint8).reshape({mask.size(0), mask.size(1) / 8, 8}) * powers_)
            .sum(-1)
            .to(DType::uint8);
    }
    Tensor unpacked(const Tensor& bits) const {
        return (MNEME_OP("aten::bitwise_and.Tensor")(bits.unsqueeze(-1), powers_) != 0)
            .reshape({bits.size(0), bits.size(1) * 8});
    }
    void freeze(const Tensor& mask) {
        bits_.push_back(packed(mask));
    } // at the end of a task's mask phase
    void keep(const Tensor& stats) { stats_.push_back(stats.clone()); }   // at the task's end
    int64_t tasks() const { return static_cast<int64_t>(stats_.size()); } // that are over
    Tensor mask_of(int64_t task) const {
        return unpacked(bits_.at(static_cast<std::size_t>(task)));
    }
    Weights weights_of(int64_t task, const Tensor& theta) const { // what the task is answered with
        return {masked(theta, mask_of(task)), stats_.at(static_cast<std::size_t>(task))};
    }
    Tensor chosen_before(int64_t task) const { // [S, P] bool: by any task before this one
        auto any = bits_.at(0).new_zeros(bits_.at(0).shape());
        for (int64_t t = 0; t < task; ++t)
            any = MNEME_OP("aten::bitwise_or.Tensor")(any, bits_.at(static_cast<std::size_t>(t)));
        return unpacked(any) && trained_;
    }
    // The task whose mask answers. The host asks about tasks that are over, and names them: the
    // plugin says needs_task_id.
    int64_t known(TaskId task) const {
        if (!task)
            throw Error("which task is asked about is not known; a mask belongs to a task",
                        MNEME_STATE);
        if (*task >= tasks())
            throw Error("task " + std::to_string(*task + 1) + " has no mask yet", MNEME_STATE);
        return *task;
    }

    void report(int64_t task) const { // shares, per replica
        const auto mine = mask_of(task) && trained_, old = mine && chosen_before(task);
        const auto share = [](const Tensor& part, double of) {
            return part.sum(1).to(DType::float64) / of;
        };
        const auto name = "task " + std::to_string(task + 1) + ", share of the weights ";
        log(name + "kept", share(mine, static_cast<double>(layers_.weights())));
        log(name + "kept that no earlier task chose",
            share(mine && !old, static_cast<double>(layers_.weights())));
        log("task " + std::to_string(task + 1) + ", share of the mask that an earlier task chose",
            old.sum(1).to(DType::float64) / mine.sum(1));
    }

    void state(State& s) {
        s("bits", bits_);
        s("stats", stats_);
    }

  private:
    const SupermaskLayers layers_;
    const Random init_;
    const Tensor stats_at_start_;
    Tensor bound_, size_, scale_, trained_, others_, powers_, none_; // constants
    std::vector<Tensor> bits_, stats_;                               // of each task
};

} // namespace mneme
