// SPDX-License-Identifier: Apache-2.0
// The re-basin network: what is trained are the permutations of a network whose weights stand
// still. Guerrero Pena et al. 2023, arXiv:2212.12042.
//
//   pi_P(theta) with soft P_l = S_tau(X_l), one X a hidden dimension;   X_l <- AdamW(X_l, dL/dX_l);
//       in the end P_l is made hard
#pragma once

#include <mneme/permutation.hpp>
#include <mneme/sinkhorn.hpp>

namespace mneme {

class Rebasin final {
  public:
    // Declares perm_lr and perm_decay, and what Sinkhorn declares. A network without a hidden
    // dimension is refused.
    explicit Rebasin(Setup& s) : net_(s.net), sinkhorn_(s) {
        Recipe recipe{.rule = Rule::adamw,
                      .lr = s.options.number("perm_lr", 0.1, {.above = 0},
                                             "rate of the permutations (adamw)")};
        recipe.weight_decay =
            s.options.real("perm_decay", 0.01, {.min = 0}, "weight decay of the permutations");
        if (net_.groups().empty())
            throw Error(
                "network: it has no hidden units, so there is nothing to permute; give it a "
                "hidden layer",
                MNEME_OPTION);
        for (int64_t n : net_.groups()) {
            x_.push_back(zeros({s.replicas, n * n}));
            descend_.emplace_back(recipe, x_.back());
        }
    }

    // Fresh X and moments. Draws.
    void begin() {
        for (std::size_t k = 0; k < x_.size(); ++k) {
            x_[k].copy_(sinkhorn_.start(net_.groups()[k]).reshape(x_[k].shape()));
            descend_[k].reset();
        }
    }

    std::vector<Tensor> x() const { // [S, n, n] of each group
        std::vector<Tensor> all;
        for (std::size_t k = 0; k < x_.size(); ++k) all.push_back(square(x_[k], net_.groups()[k]));
        return all;
    }
    Permutations soft() const {
        Permutations p;
        for (const auto& one : x()) p.push_back(sinkhorn_(one));
        return p;
    }
    Permutations hard() const { return assigned(x()); } // reads values: not in a step
    Tensor permuted(const Tensor& theta, const Permutations& p) const {
        return mneme::permuted(net_.layers(), theta, p);
    }

    // One step on X from g = dL/d pi_P(theta), P = soft().
    void operator()(const Tensor& theta, const Permutations& p, const Tensor& g) {
        const auto d = permuted_gradient(net_.layers(), theta, p, g);
        const auto before = x();
        for (std::size_t k = 0; k < x_.size(); ++k)
            descend_[k](x_[k], sinkhorn_.gradient(before[k], p[k], d[k]).reshape(x_[k].shape()));
    }

    void state(State& s) { // X lives for one task
        for (std::size_t k = 0; k < x_.size(); ++k) {
            s(("~x" + std::to_string(k)).c_str(), x_[k]);
            s(("descend" + std::to_string(k)).c_str(), descend_[k]);
        }
    }

  private:
    static Tensor square(const Tensor& x, int64_t n) { return x.reshape({x.size(0), n, n}); }

    const Net& net_;
    Sinkhorn sinkhorn_;
    std::vector<Tensor> x_; // [S, n n]: the optimiser takes rows
    std::vector<Optimizer> descend_;
};

} // namespace mneme
