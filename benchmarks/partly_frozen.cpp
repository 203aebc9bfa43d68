// SPDX-License-Identifier: Apache-2.0
#include "partly_frozen.hpp"

#include <set>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace mneme::bench {

PartlyFrozen::Columns::Columns(const std::vector<Layer>& layers, const at::Tensor& row) {
    std::vector<at::Tensor> frozen{at::empty({0}, row.options())};
    for (const auto& layer : layers) {
        const int64_t columns = layer.numel + padding_behind(layer.numel);
        if (layer.frozen) frozen.push_back(row.narrow(0, layer.offset, columns));
        if (!runs.empty() && runs.back().first == layer.frozen) runs.back().second += columns;
        else runs.emplace_back(layer.frozen, columns);
    }
    constants = at::cat(frozen).unsqueeze(0);
}

at::Tensor PartlyFrozen::Columns::whole(const at::Tensor& own, int64_t replicas) const {
    if (!any()) return own;
    const auto fixed = own.defined() ? constants.to(own.options()) : constants;
    std::vector<int64_t> free_sizes;
    for (const auto& [frozen, columns] : runs)
        if (!frozen) free_sizes.push_back(columns);
    // One cut: a slice for each run would fill a row with zeros for each on the way back.
    const auto cut =
        free_sizes.empty() ? std::vector<at::Tensor>() : own.split_with_sizes(free_sizes, 1);
    std::vector<at::Tensor> parts;
    std::size_t next = 0;
    int64_t offset = 0;
    for (const auto& [frozen, columns] : runs) {
        if (!frozen) {
            parts.push_back(cut[next++]);
            continue;
        }
        parts.push_back(fixed.narrow(1, offset, columns).expand({replicas, columns}));
        offset += columns;
    }
    return at::cat(parts, 1);
}

at::Tensor PartlyFrozen::Columns::own(const at::Tensor& whole) const {
    if (!any()) return whole;
    std::vector<at::Tensor> parts{whole.narrow(1, 0, 0)};
    int64_t offset = 0;
    for (const auto& [frozen, columns] : runs) {
        if (!frozen) parts.push_back(whole.narrow(1, offset, columns));
        offset += columns;
    }
    return at::cat(parts, 1);
}

PartlyFrozen::PartlyFrozen(std::unique_ptr<Network> whole)
    : whole_(std::move(whole)), theta_(whole_->layers(), whole_->initial(0)),
      stats_(whole_->stats_layers(), whole_->initial_stats()) {
    inputs_ = whole_->inputs(), classes_ = whole_->classes();
    input_shape_ = whole_->input_shape(), rates_ = whole_->dropout_rates();
    for (const auto& layer : whole_->layers())
        if (!layer.frozen) add(layer);
    for (const auto& layer : whole_->stats_layers())
        if (!layer.frozen) add_stats(layer);
    free_groups();
}

void PartlyFrozen::free_groups() {
    std::set<int64_t> fixed;
    for (const auto* list : {&whole_->layers(), &whole_->stats_layers()})
        for (const auto& layer : *list)
            if (layer.frozen) fixed.insert({layer.in_group, layer.out_group});
    std::vector<int64_t> now(whole_->groups().size(), -1); // number of each group
    for (std::size_t g = 0; g < now.size(); ++g) {
        if (fixed.count(int64_t(g))) continue;
        now[g] = int64_t(groups_.size());
        groups_.push_back(whole_->groups()[g]);
    }
    for (auto* list : {&layers_, &stats_layers_})
        for (auto& layer : *list)
            for (int64_t* group : {&layer.in_group, &layer.out_group})
                if (*group >= 0) *group = now[std::size_t(*group)];
}

void PartlyFrozen::move_to(at::Device device) {
    theta_.constants = theta_.constants.to(device);
    stats_.constants = stats_.constants.to(device);
}

Weights PartlyFrozen::to_whole(const Weights& w) const {
    const int64_t replicas = w.theta.size(0);
    auto stats = stats_.whole(w.stats, replicas);
    if (stats.defined()) stats = stats.to(w.theta.device());
    return {theta_.whole(w.theta, replicas), stats, w.weight};
}

Weights PartlyFrozen::from_whole(const Weights& w) const {
    return {theta_.own(w.theta), w.stats.defined() ? stats_.own(w.stats) : w.stats, w.weight};
}

template <class Pass>
at::Tensor PartlyFrozen::passed(const Weights& w, Mode mode, const Pass& pass) const {
    const auto all = to_whole({w.theta, w.stats.defined() ? w.stats.detach() : w.stats, w.weight});
    auto out = pass(all);
    if (mode == Mode::train && stats_columns_ > 0 && stats_.any()) {
        at::AutoGradMode off(false);
        w.stats.variable_data().copy_(stats_.own(all.stats));
    }
    return out;
}

at::Tensor PartlyFrozen::logits(const Weights& w, const at::Tensor& x, Mode mode,
                                const Dropout& dropout) const {
    checked(w, x);
    return passed(w, mode,
                  [&](const Weights& all) { return whole_->logits(all, x, mode, dropout); });
}

at::Tensor PartlyFrozen::features(const Weights& w, const at::Tensor& x, Mode mode,
                                  const Dropout& dropout) const {
    checked(w, x);
    return passed(w, mode,
                  [&](const Weights& all) { return whole_->features(all, x, mode, dropout); });
}

at::Tensor PartlyFrozen::gradient(const Weights& w, const at::Tensor& x, Mode mode,
                                  const Dropout& dropout, const Cotangent& cotangent) const {
    checked(w, x);
    return theta_.own(passed(w, mode, [&](const Weights& all) {
        return whole_->gradient(all, x, mode, dropout, cotangent);
    }));
}

at::Tensor PartlyFrozen::per_sample(const Weights& w, const at::Tensor& x,
                                    const Cotangents& cotangents, bool absolute) const {
    checked(w, x);
    return theta_.own(whole_->per_sample(to_whole(w), x, cotangents, absolute));
}

std::vector<at::Tensor> PartlyFrozen::layer_inputs(const Weights& w, const at::Tensor& x, Mode mode,
                                                   const Dropout& dropout) const {
    checked(w, x);
    std::vector<at::Tensor> all, own;
    passed(w, mode, [&](const Weights& whole) {
        all = whole_->layer_inputs(whole, x, mode, dropout);
        return at::Tensor();
    });
    std::size_t next = 0;
    for (const auto& layer : whole_->layers()) {
        if (layer.kind != LayerKind::weight) continue;
        if (!layer.frozen) own.push_back(all[next]);
        ++next;
    }
    return own;
}

at::Tensor PartlyFrozen::initial(int64_t seed) const {
    return theta_.own(whole_->initial(seed).unsqueeze(0)).squeeze(0);
}

at::Tensor PartlyFrozen::initial_stats() const {
    return stats_.own(whole_->initial_stats().unsqueeze(0)).squeeze(0);
}

} // namespace mneme::bench
