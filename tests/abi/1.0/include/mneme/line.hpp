// SPDX-License-Identifier: Apache-2.0
// The loss along the line from fixed weights `from` to trained weights z, as a gradient for z
// (Mirzadeh et al. 2021, arXiv:2010.04495):
//
//   G = 1/(n+1) sum_j c_j dL(from + a_j (z - from)),     a_j = j/n,  j = 0..n
//   mode    exact: c_j = a_j, the derivative by z        plain: 1, the paper's listing
//           authors: n + 1 - j, since the authors' program keeps one gradient for all points and
//               never clears it
//
// line_points = sum leaves the 1/(n+1) out, line_scale = per_example divides by the batch's size
// once more; both are the authors' way. alphas = uniform: one point, a ~ U(0, 1) for each batch; c
// is a (exact) or 1.
#pragma once

#include <mneme/learner.hpp>

namespace mneme {

class Line final {
  public:
    explicit Line(Setup& s)
        : factor_(s.options.choice<Factor>("mode", {"exact", "plain", "authors"},
                                           "factor on the gradient at a point of the line")),
          points_(s.options.count("points", 10, {.min = 1},
                                  "n, steps from one end of a line to the other")),
          uniform_(s.options.choice("alphas", {"grid", "uniform"},
                                    "n + 1 points, or one drawn for each batch") == "uniform"),
          sum_(s.options.choice("line_points", {"mean", "sum"},
                                "how the points of a line are joined") == "sum"),
          per_example_(s.options.choice("line_scale", {"mean", "per_example"},
                                        "the batch's mean loss, or that over its size again") !=
                       "mean"),
          alpha_(s.random("line_alpha")) {}

    Tensor gradient(const Net& net, const Tensor& from, const Weights& z,
                    const Batch& batch) const { // [S, P]
        auto g = along(from, z.theta, [&](const Tensor& theta) {
            return net.gradient({theta, z.stats}, batch, Mode::batch_stats);
        });
        return per_example_ ? g / batch.weight.sum(1, keepdim).clamp_min(1) : g;
    }
    // The same for any loss with the gradient d(theta), before line_scale.
    template <class F> Tensor along(const Tensor& from, const Tensor& z, F&& d) const {
        if (uniform_) {
            const auto a = alpha_.uniform({1}); // [S, 1]
            const auto g = d(from.lerp(z, a));
            return factor_ == Factor::exact ? a * g : g;
        }
        auto g = zeros_like(from);
        const auto n = static_cast<double>(points_);
        for (int64_t j = factor_ == Factor::exact ? 1 : 0; j <= points_;
             ++j) { // exact: the fixed end adds nothing
            const auto at = static_cast<double>(j), c = factor_ == Factor::exact   ? at / n
                                                        : factor_ == Factor::plain ? 1
                                                                                   : n + 1 - at;
            g.add_(d(from.lerp(z, at / n)), c / (sum_ ? 1 : n + 1));
        }
        return g;
    }

  private:
    enum class Factor { exact, plain, authors };
    const Factor factor_;
    const int64_t points_;
    const bool uniform_, sum_, per_example_;
    const Random alpha_;
};

} // namespace mneme
