// SPDX-License-Identifier: Apache-2.0
// The network of Zenke, Poole and Ganguli 2017, arXiv:1703.04200, for CIFAR: two pairs of 3x3
// convolutions with ReLU, each pair with a 2x2 maximum and dropout .25 behind it, a layer of 512
// with dropout .5, the head.
//
// Padding "same" pads every convolution, "pathint" (as their code does) only the first of each
// pair.
#include <stdexcept>

#include <ATen/ATen.h>

#include "convolutional.hpp"

namespace mneme::bench {

namespace {

class Zenke final : public Convolutional {
  public:
    Zenke(const NetworkSpec& spec, const std::vector<int64_t>& shape, int64_t classes)
        : Convolutional(spec, shape, {shape[0], shape[1], shape[2]}, classes) {
        const double share = spec.dropout ? 1 : 0;
        int64_t in = image_.channels, rows = image_.rows, columns = image_.columns, from = -1;
        for (int64_t k = 0; k < 4; ++k) {
            const int64_t out = k < 2 ? 32 : 64,
                          padding = spec.padding == PaddingKind::same || k % 2 == 0,
                          to = group(out);
            convs_.push_back(conv("conv" + std::to_string(k + 1), from, to,
                                  {-1, -1, in, out, 3, 3, 1, padding}, spec.bias));
            in = out, from = to;
            rows += 2 * padding - 2, columns += 2 * padding - 2;
            if (k % 2 == 0) continue;
            rows /= 2, columns /= 2;
            if (rows < 1 || columns < 1)
                throw std::runtime_error(
                    "network: zenke-cnn is given images of " + std::to_string(image_.rows) + " x " +
                    std::to_string(image_.columns) + "; expected 16 x 16 or more");
            dropout(out * rows * columns, share * 0.25);
        }
        const int64_t to = group(512);
        hidden_ = dense("hidden", from, to, in * rows * columns, 512, spec.bias);
        dropout(512, share * 0.5);
        head_ = dense("head", to, -1, 512, classes, spec.bias);
    }

  private:
    at::Tensor body(ForwardPass& pass, const at::Tensor& x) const override {
        auto a = x;
        for (std::size_t k = 0; k < 4; ++k) {
            const auto z = pass.conv(a, convs_[k]);
            // A maximum before a ReLU is the same as behind it, on a quarter of the values.
            a = k % 2 == 0 ? pass.relu(z)
                           : pass.drop(pass.relu(at::max_pool2d(z, 2)), int64_t(k / 2));
        }
        return pass.drop(pass.relu(pass.dense(a.flatten(1), hidden_)), 2);
    }
    at::Tensor head(ForwardPass& pass, const at::Tensor& features) const override {
        return pass.dense(features, head_);
    }

    std::vector<Conv> convs_;
    Dense hidden_, head_;
};

} // namespace

std::unique_ptr<Network> zenke_cnn(const NetworkSpec& spec, const std::vector<int64_t>& input_shape,
                                   int64_t classes) {
    if (input_shape.size() != 3)
        throw std::runtime_error(
            "network: zenke-cnn is given examples that are not images; expected a stream of "
            "images");
    return std::make_unique<Zenke>(spec, input_shape, classes);
}

} // namespace mneme::bench
