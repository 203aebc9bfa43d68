// SPDX-License-Identifier: Apache-2.0
// The reduced ResNet-18 of Lopez-Paz and Ranzato 2017, arXiv:1706.08840 (GEM), nf 20: a 3x3 stem,
// four stages of two basic blocks with nf, 2 nf, 4 nf and 8 nf channels and strides 1, 2, 2, 2, a
// 1x1 convolution where the shape changes, 4x4 means, the head.
//
// norm: batch; batch_stats, the statistics of the batch at hand also at test (Mirzadeh et al. 2020,
// arXiv:2010.04495); batch_frozen, without scale and shift (Yadav and Bansal 2022,
// arXiv:2210.10209); group, of 4 groups; none. Dropout, where [train] asks for it, stands behind
// each ReLU. Images whose last map is smaller than 4x4 are averaged whole.
#include <algorithm>
#include <stdexcept>

#include <ATen/ATen.h>

#include "convolutional.hpp"

namespace mneme::bench {

namespace {

class ResNet final : public Convolutional {
  public:
    ResNet(const NetworkSpec& spec, const std::vector<int64_t>& shape, int64_t classes)
        : Convolutional(spec, shape, {shape[0], shape[1], shape[2]}, classes) {
        int64_t rows = image_.rows, columns = image_.columns, in = spec.nf, from = group(in);
        stem_ = conv("stem", -1, from, {-1, -1, image_.channels, in, 3, 3, 1, 1}, false);
        stem_norm_ = norm("stem.norm", from, in, true);
        stem_drop_ = dropout(in * rows * columns, 0);
        for (int64_t stage = 0; stage < 4; ++stage)
            for (int64_t k = 0; k < 2; ++k) {
                const int64_t out = spec.nf << stage, stride = stage > 0 && k == 0 ? 2 : 1;
                rows = (rows - 1) / stride + 1, columns = (columns - 1) / stride + 1;
                const int64_t to =
                    out == in ? from : group(out); // what is added up shares its order
                add_block("stage" + std::to_string(stage + 1) + ".block" + std::to_string(k + 1),
                          from, to, in, out, stride, rows * columns);
                in = out, from = to;
            }
        pool_rows_ = std::min<int64_t>(4, rows), pool_columns_ = std::min<int64_t>(4, columns);
        head_ = dense("head", from, -1, in * (rows / pool_rows_) * (columns / pool_columns_),
                      classes, spec.bias);
    }

  private:
    struct Block {
        Conv first, second, shortcut;
        Norm first_norm, second_norm, shortcut_norm;
        int64_t first_drop, second_drop;
    };

    void add_block(const std::string& name, int64_t from, int64_t to, int64_t in, int64_t out,
                   int64_t stride, int64_t positions) {
        Block b;
        const int64_t between = group(out);
        b.first = conv(name + ".conv1", from, between, {-1, -1, in, out, 3, 3, stride, 1}, false);
        b.first_norm = norm(name + ".norm1", between, out, true);
        b.first_drop = dropout(out * positions, 0);
        b.second = conv(name + ".conv2", between, to, {-1, -1, out, out, 3, 3, 1, 1}, false);
        b.second_norm = norm(name + ".norm2", to, out, true);
        b.second_drop = dropout(out * positions, 0);
        if (in != out || stride != 1) {
            b.shortcut =
                conv(name + ".shortcut", from, to, {-1, -1, in, out, 1, 1, stride, 0}, false);
            b.shortcut_norm = norm(name + ".shortcut.norm", to, out, spec_.shortcut_affine);
        }
        blocks_.push_back(b);
    }

    at::Tensor body(ForwardPass& pass, const at::Tensor& x) const override {
        auto a = pass.drop(pass.relu(pass.conv_norm(x, stem_, stem_norm_)), stem_drop_);
        for (const auto& b : blocks_) {
            auto z = pass.drop(pass.relu(pass.conv_norm(a, b.first, b.first_norm)), b.first_drop);
            z = pass.conv_norm(z, b.second, b.second_norm);
            if (b.shortcut.weight >= 0) a = pass.conv_norm(a, b.shortcut, b.shortcut_norm);
            a = pass.drop(pass.relu(z + a), b.second_drop);
        }
        return at::avg_pool2d(a, {pool_rows_, pool_columns_}).flatten(1);
    }
    at::Tensor head(ForwardPass& pass, const at::Tensor& features) const override {
        return pass.dense(features, head_);
    }

    Conv stem_;
    Norm stem_norm_;
    int64_t stem_drop_ = 0, pool_rows_ = 4, pool_columns_ = 4;
    std::vector<Block> blocks_;
    Dense head_;
};

} // namespace

std::unique_ptr<Network> resnet18(const NetworkSpec& spec, const std::vector<int64_t>& input_shape,
                                  int64_t classes) {
    if (input_shape.size() != 3)
        throw std::runtime_error(
            "network: resnet18 is given examples that are not images; expected a stream of images");
    return std::make_unique<ResNet>(spec, input_shape, classes);
}

} // namespace mneme::bench
