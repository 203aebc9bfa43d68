// SPDX-License-Identifier: Apache-2.0
// The text network of Kim 2014, arXiv:1408.5882, over frozen embeddings, as Yadav and Bansal 2022,
// arXiv:2210.10209, use it: convolutions over 3, 4 and 5 neighbouring words, ReLU, each filter's
// largest value over the text, the head. [train]'s dropout stands before the head.
//
// No groups: the columns of the head belong to three of them.
#include <array>
#include <stdexcept>

#include <ATen/ATen.h>

#include "convolutional.hpp"

namespace mneme::bench {

namespace {

class TextCnn final : public Convolutional {
  public:
    TextCnn(const NetworkSpec& spec, const std::vector<int64_t>& shape, int64_t classes)
        : Convolutional(spec, shape, {1, shape[0], shape[1]}, classes), filters_(spec.filters) {
        if (shape[0] < widths.back())
            throw std::runtime_error("network: text-cnn is given texts of " +
                                     std::to_string(shape[0]) + " words; expected 5 or more");
        for (std::size_t k = 0; k < 3; ++k)
            convs_[k] = conv("words" + std::to_string(widths[k]), -1, -1,
                             {-1, -1, 1, filters_, widths[k], shape[1], 1, 0}, spec.bias);
        dropout(3 * filters_, 0);
        head_ = dense("head", -1, -1, 3 * filters_, classes, spec.bias);
    }

  private:
    static constexpr std::array<int64_t, 3> widths{3, 4, 5};

    at::Tensor body(ForwardPass& pass, const at::Tensor& x) const override {
        std::vector<at::Tensor> largest;
        const auto most = [](const at::Tensor& z) { return z.relu().amax({2, 3}); };
        for (const auto& c : convs_)
            largest.push_back(pass.conv(x, c, most).view({-1, pass.replicas(), filters_}));
        return pass.drop(at::cat(largest, 2).flatten(1), 0);
    }
    at::Tensor head(ForwardPass& pass, const at::Tensor& features) const override {
        return pass.dense(features, head_);
    }

    int64_t filters_;
    std::array<Conv, 3> convs_;
    Dense head_;
};

} // namespace

std::unique_ptr<Network> text_cnn(const NetworkSpec& spec, const std::vector<int64_t>& input_shape,
                                  int64_t classes) {
    if (input_shape.size() != 2)
        throw std::runtime_error(
            "network: text-cnn is given examples that are not texts; expected a stream of texts");
    return std::make_unique<TextCnn>(spec, input_shape, classes);
}

} // namespace mneme::bench
