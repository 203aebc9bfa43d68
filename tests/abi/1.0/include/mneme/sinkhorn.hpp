// SPDX-License-Identifier: Apache-2.0
// Soft permutations. Sinkhorn 1967; Guerrero Pena et al. 2023, arXiv:2212.12042.
//
//   P = S_tau(X):   M = X l / tau;   n_iter times: M <- M - log sum_i exp(M_ij), then M <- M - log
//       sum_j exp(M_ij);   P = exp(M)
//
// Columns first, then rows, so the rows of P add up to 1 and its columns nearly so. The gradient at
// a converged P, G = dL/dP:
//
//   T = P * G,   a, b the row and column sums of P,   r, c those of T
//   diag(a) u + P v = r,   P^T u + diag(b) v = c,   v_n = 0          (singular by one, hence v_n)
//   dL/dX = l / tau (T - P * (u 1^T + 1 v^T))
//
// u goes out by the first equation: (diag(b) - P^T diag(1/a) P) v = c - P^T (r / a), without its
// last row and column, is symmetric and positive definite: one Cholesky factor. It is taken in
// double. A replica whose matrix has no factor, as for a P that is hard to all digits, gets the
// gradient 0 and does not stop the others.
#pragma once

#include <mneme/autograd.hpp>
#include <mneme/learner.hpp>
#include <mneme/replicas.hpp>

namespace mneme {

class Sinkhorn final {
  public:
    explicit Sinkhorn(Setup& s)
        : scale_(s.options
                     .number("tau", 1, {.above = 0},
                             "temperature: the smaller, the harder the permutations")
                     .reciprocal()),
          n_iter_(s.options.count("n_iter", 20, {.min = 1},
                                  "normalisations of the columns and the rows")),
          init_(s.options.choice<Init>("init", {"noise", "identity", "random"},
                                       "X at first: I + 0.1 N(0, 1), I, or a random permutation")),
          unrolled_(
              s.options.choice("gradient", {"implicit", "unrolled"},
                               "by the implicit function theorem, or through every iteration") ==
              "unrolled"),
          draw_(s.random("perm_init")) {
        scale_ = (scale_ * s.options.number("l", 1, {.above = 0}, "factor on X")).unsqueeze(-1);
    }

    // Where X starts, [S, n, n]. Draws at every call.
    Tensor start(int64_t n) const {
        const auto one = range(n).unsqueeze(1) == range(n);
        if (init_ == Init::random)
            return (draw_.permutation(n).unsqueeze(2) == range(n)).to(DType::float32);
        return (init_ == Init::noise ? draw_.normal({n, n}) * 0.1 : zeros({scale_.size(0), n, n})) +
               one.to(DType::float32);
    }

    // X [S, n, n] -> P [S, n, n].
    Tensor operator()(const Tensor& x) const {
        return each_replica({x * scaled(x)}, [&](const std::vector<Tensor>& in) {
            return std::vector<Tensor>{iterated(in[0])};
        })[0];
    }

    // dL/dX of G = dL/dP, at X and its P.
    Tensor gradient(const Tensor& x, const Tensor& p, const Tensor& g) const {
        const auto scale = scaled(x);
        if (!unrolled_)
            return each_replica({p, g},
                                [](const std::vector<Tensor>& in) {
                                    return std::vector<Tensor>{implicit(in[0], in[1])};
                                })[0] *
                   scale;
        return each_replica(
                   {x * scale, g},
                   [&](const std::vector<Tensor>& in) {
                       return derivative(
                           {in[0]},
                           [&](const std::vector<Tensor>& leaf) { return iterated(leaf[0]); },
                           in[1]);
                   })[0] *
               scale;
    }

  private:
    enum class Init { noise, identity, random };

    Tensor scaled(const Tensor& x) const { return scale_.to(x.dtype()); }

    Tensor iterated(Tensor m) const {
        for (int64_t k = 0; k < n_iter_; ++k) m = m.log_softmax(1).log_softmax(2);
        return m.exp();
    }

    static Tensor implicit(const Tensor& soft, const Tensor& g) {
        const int64_t n = soft.size(1),
                      even = n + n % 2; // a batch of factorisations of odd size gives other bits
        const auto padded = [&](const Tensor& of, int64_t d,
                                double with) { // without the last one, and up to the even size
            return MNEME_OP("aten::constant_pad_nd")(of.narrow(d, 0, n - 1),
                                                     std::vector<int64_t>{0, even - n + 1}, with);
        };
        const auto p = soft.to(DType::float64), t = p * g.to(DType::float64);
        const auto a = p.sum(2, keepdim), r = t.sum(2, keepdim);  // [S, n, 1]
        const auto q = padded(p, 2, 0), back = q.transpose(1, 2); // [S, n, even]
        const auto schur =
            MNEME_OP("aten::diag_embed")(padded(p.sum(1), 1, 1)) - back.matmul(q / a);
        const auto rest = padded(t.sum(1), 1, 0).unsqueeze(2) - back.matmul(r / a);
        const auto [factor, fault] = MNEME_OP("aten::linalg_cholesky_ex").several<2>(schur);
        const auto v = MNEME_OP("aten::cholesky_solve")(rest, factor),
                   u = (r - q.matmul(v)) / a; // [S, even, 1], [S, n, 1]
        const auto x = t - p * (u + v.narrow(1, 0, n).transpose(1, 2));
        return x.masked_fill((fault != 0).unsqueeze(1).unsqueeze(2), 0).to(soft.dtype());
    }

    Tensor scale_; // [S, 1, 1], l / tau
    const int64_t n_iter_;
    const Init init_;
    const bool unrolled_;
    Random draw_;
};

} // namespace mneme
