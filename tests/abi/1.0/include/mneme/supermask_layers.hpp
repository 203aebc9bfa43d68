// SPDX-License-Identifier: Apache-2.0
// How many weights of each layer a supermask keeps.
//   uniform        the same share of all layers
//   uniform_body   of the output layer max(density, .5)
//   erdos_renyi    min(.5, c (out + in) / (out in kh kw)) as in the SupSup code, which lists values
//                  of c; here c makes the share of all weights the density that is asked for
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <mneme/learner.hpp>

namespace mneme {

// numel - floor((1 - density) numel) = ceil(density numel), safe against a product that rounds to
// just above a whole number.
inline int64_t kept_count(double density, int64_t numel) {
    return std::min(
        numel, static_cast<int64_t>(std::ceil(density * static_cast<double>(numel) * (1 - 1e-12))));
}

class SupermaskLayers final {
  public:
    struct Masked {
        int64_t offset, numel;
        double density;
        int64_t kept;
    };

    // Declares density, density_rule, fan_by_density.
    explicit SupermaskLayers(Setup& s)
        : density_(s.options.real("density", 0.1, {.max = 1, .above = 0},
                                  "share of the weights that a mask keeps")),
          rule_(s.options.choice<Rule>("density_rule", {"uniform", "uniform_body", "erdos_renyi"},
                                       "how the share differs by layer")),
          by_density_(s.options.flag("fan_by_density", false,
                                     "scale the weights by the inputs that a mask lets through")) {
        for (const auto& l : s.net.layers())
            if (l.kind == LayerKind::weight) layers_.push_back({l.offset, l.numel, density_, 0});
        set_densities(s.net);
        for (auto& l : layers_) l.kept = kept_count(l.density, l.numel), weights_ += l.numel;
        if (const auto head = layers_.back(); head.kept < s.net.classes())
            throw Error("density: " + std::to_string(density_) + " keeps " +
                            std::to_string(head.kept) + " of the output layer's " +
                            std::to_string(head.numel) + " weights, for " +
                            std::to_string(s.net.classes()) +
                            " classes; use a larger density, or density_rule = uniform_body",
                        MNEME_OPTION);
    }

    auto begin() const { return layers_.begin(); } // the last is the output layer
    auto end() const { return layers_.end(); }
    int64_t weights() const { return weights_; } // of all layers
    // By which a layer's fan-in is multiplied.
    double share(const Layer& layer) const {
        for (const auto& l : layers_)
            if (by_density_ && l.offset == layer.offset) return l.density;
        return 1;
    }

  private:
    enum class Rule { uniform, uniform_body, erdos_renyi };

    void set_densities(const Net& net) {
        if (rule_ == Rule::uniform_body) layers_.back().density = std::max(density_, 0.5);
        if (rule_ != Rule::erdos_renyi) return;
        constexpr double cap = 0.5;
        if (density_ > cap)
            throw Error(
                "density: " + std::to_string(density_) +
                    "; density_rule = erdos_renyi keeps at most half of a layer; use 0.5 or less",
                MNEME_OPTION);
        std::vector<double> raw;
        double all = 0;
        for (const auto& l : net.layers())
            if (l.kind == LayerKind::weight) {
                const auto out = static_cast<double>(l.shape[0]),
                           in = static_cast<double>(l.shape[1]);
                raw.push_back((out + in) / static_cast<double>(l.numel));
                all += static_cast<double>(l.numel);
            }
        double low = 0, high = all; // at c = all every layer is at the cap
        for (int round = 0; round < 200; ++round) {
            const double c = (low + high) / 2;
            double sum = 0;
            for (std::size_t k = 0; k < raw.size(); ++k) {
                layers_[k].density = std::min(cap, c * raw[k]);
                sum += layers_[k].density * static_cast<double>(layers_[k].numel);
            }
            (sum < density_ * all ? low : high) = c;
        }
    }

    const double density_;
    const Rule rule_;
    const bool by_density_;
    std::vector<Masked> layers_;
    int64_t weights_ = 0;
};

} // namespace mneme
