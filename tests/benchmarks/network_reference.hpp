// SPDX-License-Identifier: Apache-2.0
// The convolutional networks once more, for one replica, in plain calls: weights by their name,
// normalisation as its formula.
#pragma once

#include "torch_catch.hpp"

#include "network_support.hpp"

#include <map>

namespace bench_test {

class Reference final {
  public:
    // `running`: of each norm, by name, in place of the batch's statistics.
    struct Norms {
        std::map<std::string, std::pair<at::Tensor, at::Tensor>> running,
            seen; // mean, variance (biased)
    };

    Reference(const Network& net, NetworkSpec spec, at::Tensor row)
        : net_(net), spec_(std::move(spec)), row_(std::move(row)) {}

    at::Tensor zenke(at::Tensor a, const std::vector<at::Tensor>& masks = {}) const {
        const int64_t second = spec_.padding == "same";
        a = conv(conv(a, "conv1", 1, 1).relu(), "conv2", 1, second).relu();
        a = masked(at::max_pool2d(a, 2), masks, 0);
        a = conv(conv(a, "conv3", 1, 1).relu(), "conv4", 1, second).relu();
        a = masked(at::max_pool2d(a, 2), masks, 1).flatten(1);
        return linear(masked(linear(a, "hidden").relu(), masks, 2), "head");
    }
    at::Tensor resnet(at::Tensor a, Norms& norms) const {
        a = norm(conv(a, "stem", 1, 1), "stem.norm", norms).relu();
        for (int64_t stage = 1; stage <= 4; ++stage)
            for (int64_t k = 1; k <= 2; ++k) {
                const std::string name =
                    "stage" + std::to_string(stage) + ".block" + std::to_string(k);
                const int64_t stride = stage > 1 && k == 1 ? 2 : 1;
                auto z = norm(conv(a, name + ".conv1", stride, 1), name + ".norm1", norms).relu();
                z = norm(conv(z, name + ".conv2", 1, 1), name + ".norm2", norms);
                if (stride == 2)
                    a = norm(conv(a, name + ".shortcut", 2, 0), name + ".shortcut.norm", norms);
                a = (a + z).relu();
            }
        return linear(a.mean({2, 3}), "head"); // images of at most 32 x 32
    }
    at::Tensor text(const at::Tensor& words) const { // [B, length, numbers]
        std::vector<at::Tensor> parts;
        for (const char* k : {"3", "4", "5"}) {
            const auto w =
                get(std::string("words") + k + ".weight").squeeze(1); // [filters, k, numbers]
            const auto z = at::conv1d(words.transpose(1, 2), w.transpose(1, 2),
                                      get(std::string("words") + k + ".bias"));
            parts.push_back(std::get<0>(z.relu().max(2)));
        }
        return linear(at::cat(parts, 1), "head");
    }

    at::Tensor get(const std::string& name) const { // undefined where there is none
        for (const auto& l : net_.layers())
            if (l.name == name) return row_.narrow(0, l.offset, l.numel).view(l.shape);
        return {};
    }

  private:
    at::Tensor conv(const at::Tensor& a, const std::string& name, int64_t stride,
                    int64_t padding) const {
        return at::conv2d(a, get(name + ".weight"), get(name + ".bias"), {stride, stride},
                          {padding, padding});
    }
    at::Tensor linear(const at::Tensor& a, const std::string& name) const {
        const auto out = at::matmul(a, get(name + ".weight").t()), bias = get(name + ".bias");
        return bias.defined() ? out + bias : out;
    }
    static at::Tensor masked(const at::Tensor& a, const std::vector<at::Tensor>& masks,
                             std::size_t place) {
        return masks.empty() ? a : a * masks[place].view(a.sizes());
    }
    at::Tensor norm(const at::Tensor& a, const std::string& name, Norms& norms) const {
        if (spec_.norm == "none") return a;
        const std::vector<int64_t> shape{1, -1, 1, 1};
        at::Tensor out;
        if (spec_.norm == "group") {
            const auto g = a.reshape({a.size(0), 4, -1});
            const auto mean = g.mean(2, true), variance = (g - mean).square().mean(2, true);
            out = ((g - mean) / (variance + 1e-5).sqrt()).view(a.sizes());
        } else {
            auto mean = a.mean({0, 2, 3}),
                 variance = (a - mean.view(shape)).square().mean({0, 2, 3});
            norms.seen[name] = {mean.detach(), variance.detach()};
            if (!norms.running.empty()) std::tie(mean, variance) = norms.running.at(name);
            out = (a - mean.view(shape)) / (variance.view(shape) + 1e-5).sqrt();
        }
        const auto scale = get(name + ".scale");
        return scale.defined() ? out * scale.view(shape) + get(name + ".shift").view(shape) : out;
    }

    const Network& net_;
    NetworkSpec spec_;
    at::Tensor row_;
};

// Of each norm, by name, in a replica's row of stats.
inline std::map<std::string, std::pair<at::Tensor, at::Tensor>> running(const Network& net,
                                                                        const at::Tensor& row) {
    std::map<std::string, std::pair<at::Tensor, at::Tensor>> out;
    for (const auto& l : net.stats_layers()) {
        const auto part = row.narrow(0, l.offset, l.numel);
        const auto dot = l.name.rfind('.');
        (l.kind == LayerKind::shift ? out[l.name.substr(0, dot)].first
                                    : out[l.name.substr(0, dot)].second) = part;
    }
    return out;
}

} // namespace bench_test
