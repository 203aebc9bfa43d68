// SPDX-License-Identifier: Apache-2.0
// Images with the channels last are a matrix of P positions and C channels. Where C is small, a row
// holds several positions side by side, so that the loops are long whatever C is. Sums over
// positions are taken in blocks of rows: within one in float, over the blocks in double and in
// their order, whatever the number of threads.
#include "channels_last_norm.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <base/clones.hpp>
#include <benchmarks/norm.hpp>

#include "optional_tensor.hpp"

namespace mneme::bench {

namespace {

constexpr int64_t row_floats = 160; // about; a multiple of every vector's length
constexpr int64_t block_rows = 64;

using Floats = std::vector<float>;

struct Matrix {
    int64_t positions, channels;
    // In positions: a row, a block.
    int64_t side_by_side() const { return std::max<int64_t>(1, row_floats / channels); }
    int64_t block() const { return block_rows * side_by_side(); }
    int64_t blocks() const { return (positions + block() - 1) / block(); }
    int64_t count(int64_t of_block) const {
        return std::min(block(), positions - of_block * block());
    }
    Floats repeated(const Floats& of_channel) const {
        Floats out;
        for (int64_t k = 0; k < side_by_side(); ++k)
            out.insert(out.end(), of_channel.begin(), of_channel.end());
        return out;
    }
};

// Each of these passes `rows` rows of n floats.
MNEME_CLONES void add(const float* __restrict x, int64_t rows, int64_t n, float* __restrict sum) {
    for (int64_t r = 0; r < rows; ++r)
        for (int64_t k = 0; k < n; ++k) sum[k] += x[r * n + k];
}
MNEME_CLONES void add_squares(const float* __restrict x, int64_t rows, int64_t n,
                              const float* __restrict mean, float* __restrict sum) {
    for (int64_t r = 0; r < rows; ++r)
        for (int64_t k = 0; k < n; ++k) {
            const float away = x[r * n + k] - mean[k];
            sum[k] += away * away;
        }
}
MNEME_CLONES void add_products(const float* __restrict d, const float* __restrict x, int64_t rows,
                               int64_t n, const float* __restrict mean, float* __restrict sum,
                               float* __restrict product) {
    for (int64_t r = 0; r < rows; ++r)
        for (int64_t k = 0; k < n; ++k) {
            sum[k] += d[r * n + k];
            product[k] += d[r * n + k] * (x[r * n + k] - mean[k]);
        }
}
MNEME_CLONES void normalise(const float* __restrict x, int64_t rows, int64_t n,
                            const float* __restrict mean, const float* __restrict factor,
                            const float* __restrict shift, float* __restrict y) {
    for (int64_t r = 0; r < rows; ++r)
        for (int64_t k = 0; k < n; ++k)
            y[r * n + k] = (x[r * n + k] - mean[k]) * factor[k] + shift[k];
}
MNEME_CLONES void pass_back(const float* __restrict d, const float* __restrict x, int64_t rows,
                            int64_t n, const float* __restrict mean, const float* __restrict factor,
                            const float* __restrict by_x, const float* __restrict constant,
                            float* __restrict dx) {
    for (int64_t r = 0; r < rows; ++r)
        for (int64_t k = 0; k < n; ++k)
            dx[r * n + k] =
                d[r * n + k] * factor[k] - (x[r * n + k] - mean[k]) * by_x[k] - constant[k];
}

// work(first float, rows, floats a row) for the positions of a block: those side by side, then what
// is left.
template <class Work> void by_rows(const Matrix& m, int64_t of_block, const Work& work) {
    const int64_t first = of_block * m.block(), rows = m.count(of_block) / m.side_by_side(),
                  done = rows * m.side_by_side();
    work(first * m.channels, rows, m.side_by_side() * m.channels);
    work((first + done) * m.channels, m.count(of_block) - done, m.channels);
}

template <class Work> void over_blocks(const Matrix& m, const Work& work) {
    at::parallel_for(0, m.blocks(), 1, [&](int64_t begin, int64_t end) {
        for (int64_t b = begin; b < end; ++b) work(b);
    });
}

// The sums by channel, of sums of a row.
Floats folded(const Floats& sums, int64_t channels) {
    Floats out(sums.begin(), sums.begin() + channels);
    for (int64_t k = channels; k < int64_t(sums.size()); ++k)
        out[std::size_t(k % channels)] += sums[std::size_t(k)];
    return out;
}

struct Statistics {
    Floats mean, variance; // biased
};

// Of each block its mean and the sum of squares about it, then those of all (Chan et al. 1979).
Statistics statistics(const Matrix& m, const float* x) {
    const auto width = std::size_t(m.side_by_side() * m.channels);
    std::vector<Floats> means(std::size_t(m.blocks())), squares(std::size_t(m.blocks()));
    over_blocks(m, [&](int64_t b) {
        Floats sum(width), square(width);
        by_rows(m, b,
                [&](int64_t at, int64_t rows, int64_t n) { add(x + at, rows, n, sum.data()); });
        Floats mean = folded(sum, m.channels);
        for (float& one : mean) one /= float(m.count(b));
        const Floats wide = m.repeated(mean);
        by_rows(m, b, [&](int64_t at, int64_t rows, int64_t n) {
            add_squares(x + at, rows, n, wide.data(), square.data());
        });
        squares[std::size_t(b)] = folded(square, m.channels);
        means[std::size_t(b)] = std::move(mean);
    });
    Statistics out;
    for (std::size_t c = 0; c < std::size_t(m.channels); ++c) {
        double mean = 0, square = 0, seen = 0;
        for (int64_t b = 0; b < m.blocks(); ++b) {
            const double own = double(m.count(b)), all = seen + own,
                         away = means[std::size_t(b)][c] - mean;
            mean += away * own / all;
            square += squares[std::size_t(b)][c] + away * away * seen * own / all;
            seen = all;
        }
        out.mean.push_back(float(mean));
        out.variance.push_back(float(square / seen));
    }
    return out;
}

at::Tensor tensor_of(const Floats& values) { return at::tensor(at::ArrayRef<float>(values)); }

Floats floats_of(const at::Tensor& t, int64_t channels, float otherwise) {
    if (!t.defined()) return Floats(std::size_t(channels), otherwise);
    const auto plain = t.contiguous();
    return {plain.data_ptr<float>(), plain.data_ptr<float>() + channels};
}

Matrix matrix_of(const at::Tensor& a) { return {a.size(0) * a.size(2) * a.size(3), a.size(1)}; }

at::Tensor like(const at::Tensor& a) {
    return at::empty(a.sizes(), a.options(), at::MemoryFormat::ChannelsLast);
}

// Other norms of a pass may have recorded rows of the same tensor, and would take a change of it
// for a fault: variable_data() is changed unseen, as by LibTorch's own normalisation.
void move(const at::Tensor& running, const at::Tensor& to) {
    running.variable_data().lerp_(to.view(running.sizes()), norm_momentum);
}

// With z = (x - mean) / deviation:  y = scale z + shift
//   d shift = sum d,   d scale = sum d z,   dx = scale / deviation (d - (sum d + z sum d z) / P)
class ChannelsLastNorm : public torch::autograd::Function<ChannelsLastNorm> {
  public:
    using AutogradContext = torch::autograd::AutogradContext;
    using variable_list = torch::autograd::variable_list;

    static at::Tensor forward(AutogradContext* context, const at::Tensor& a,
                              const OptionalTensor& optional_scale,
                              const OptionalTensor& optional_shift,
                              const OptionalTensor& running_mean,
                              const OptionalTensor& running_variance) {
        const auto scale = optional_scale.value_or(at::Tensor()),
                   shift = optional_shift.value_or(at::Tensor());
        const Matrix m = matrix_of(a);
        const float* const x = a.data_ptr<float>();
        const Statistics s = statistics(m, x);
        const Floats scales = floats_of(scale, m.channels, 1),
                     shifts = m.repeated(floats_of(shift, m.channels, 0)),
                     means = m.repeated(s.mean);
        Floats inverse, factor;
        for (std::size_t c = 0; c < scales.size(); ++c) {
            inverse.push_back(float(1 / std::sqrt(double(s.variance[c]) + norm_eps)));
            factor.push_back(scales[c] * inverse[c]);
        }
        const Floats factors = m.repeated(factor);
        const auto y = like(a);
        float* const out = y.data_ptr<float>();
        over_blocks(m, [&](int64_t b) {
            by_rows(m, b, [&](int64_t at, int64_t rows, int64_t n) {
                normalise(x + at, rows, n, means.data(), factors.data(), shifts.data(), out + at);
            });
        });
        const auto mean = tensor_of(s.mean);
        if (running_mean) {
            const double unbiased = double(m.positions) / double(m.positions - 1);
            move(*running_mean, mean);
            move(*running_variance, tensor_of(s.variance) * unbiased);
        }
        context->save_for_backward({a, scale, mean, tensor_of(inverse)});
        return y;
    }

    static variable_list backward(AutogradContext* context, const variable_list& grads) {
        const auto saved = context->get_saved_variables();
        const auto &a = saved[0], &scale = saved[1], &mean = saved[2], &inverse = saved[3];
        const bool affine = scale.defined();
        if (at::GradMode::is_enabled()) { // the derivative of this is asked for, too
            auto [dx, d_scale, d_shift] = at::native_batch_norm_backward(
                grads[0], a, scale, {}, {}, mean, inverse, true, norm_eps, {true, affine, affine});
            return {dx, d_scale, d_shift, {}, {}};
        }
        const auto gradient = grads[0].contiguous(at::MemoryFormat::ChannelsLast);
        const Matrix m = matrix_of(a);
        const float *const d = gradient.data_ptr<float>(), *const x = a.data_ptr<float>();
        const Floats means = m.repeated(floats_of(mean, m.channels, 0)),
                     inverses = floats_of(inverse, m.channels, 0),
                     scales = floats_of(scale, m.channels, 1);
        std::vector<Floats> sums(std::size_t(m.blocks())), products(std::size_t(m.blocks()));
        over_blocks(m, [&](int64_t b) {
            Floats sum(means.size()), product(means.size());
            by_rows(m, b, [&](int64_t at, int64_t rows, int64_t n) {
                add_products(d + at, x + at, rows, n, means.data(), sum.data(), product.data());
            });
            sums[std::size_t(b)] = folded(sum, m.channels);
            products[std::size_t(b)] = folded(product, m.channels);
        });
        Floats d_shift, d_scale, factor, by_x, constant;
        for (std::size_t c = 0; c < scales.size(); ++c) {
            double sum = 0, product = 0; // of d, of d (x - mean)
            for (std::size_t b = 0; b < sums.size(); ++b)
                sum += sums[b][c], product += products[b][c];
            const double i = inverses[c], f = scales[c] * i, n = double(m.positions);
            d_shift.push_back(float(sum));
            d_scale.push_back(float(product * i));
            factor.push_back(float(f));
            by_x.push_back(float(f * i * i * product / n));
            constant.push_back(float(f * sum / n));
        }
        const Floats factors = m.repeated(factor), slopes = m.repeated(by_x),
                     constants = m.repeated(constant);
        const auto dx = like(a);
        float* const out = dx.data_ptr<float>();
        over_blocks(m, [&](int64_t b) {
            by_rows(m, b, [&](int64_t at, int64_t rows, int64_t n) {
                pass_back(d + at, x + at, rows, n, means.data(), factors.data(), slopes.data(),
                          constants.data(), out + at);
            });
        });
        if (!affine) return {dx, {}, {}, {}, {}};
        return {dx, tensor_of(d_scale), tensor_of(d_shift), {}, {}};
    }
};

} // namespace

bool channels_last_norm_takes(const at::Tensor& a) {
    return a.is_cpu() && a.scalar_type() == at::kFloat && a.dim() == 4 &&
           a.is_contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor channels_last_norm(const at::Tensor& a, const at::Tensor& scale, const at::Tensor& shift,
                              const at::Tensor& running_mean, const at::Tensor& running_variance) {
    return ChannelsLastNorm::apply(a, given(scale), given(shift), given(running_mean),
                                   given(running_variance));
}

} // namespace mneme::bench
