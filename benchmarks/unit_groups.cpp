// SPDX-License-Identifier: Apache-2.0
#include "unit_groups.hpp"

#include <algorithm>
#include <map>

namespace mneme::bench {

int64_t UnitGroups::add(int64_t size) {
    parent_.push_back(int64_t(parent_.size()));
    sizes_.push_back(size);
    return parent_.back();
}

int64_t UnitGroups::root(int64_t group) const {
    while (parent_[std::size_t(group)] != group) group = parent_[std::size_t(group)];
    return group;
}

int64_t UnitGroups::join(int64_t a, int64_t b) {
    a = root(a), b = root(b);
    const int64_t first = std::min(a, b), last = std::max(a, b);
    parent_[std::size_t(last)] = first;
    if (sizes_[std::size_t(a)] == sizes_[std::size_t(b)]) return first;
    parent_[std::size_t(first)] = fixed;
    return fixed;
}

int64_t UnitGroups::with_units(int64_t group, int64_t count) {
    return sizes_[std::size_t(root(group))] == count ? group : join(group, fixed);
}

void UnitGroups::settle(NetworkPlan& plan) const {
    std::map<int64_t, int64_t> index;
    const auto settled = [&](int64_t group) -> int64_t {
        group = root(group);
        if (none_ || group == fixed) return -1;
        const auto [at, fresh] = index.emplace(group, int64_t(plan.groups.size()));
        if (fresh) plan.groups.push_back(sizes_[std::size_t(group)]);
        return at->second;
    };
    for (auto* list : {&plan.tensors, &plan.stats})
        for (auto& tensor : *list) {
            tensor.in_group = settled(tensor.in_group);
            tensor.out_group = settled(tensor.out_group);
        }
}

} // namespace mneme::bench
