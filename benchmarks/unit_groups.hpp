// SPDX-License-Identifier: Apache-2.0
// Which dimensions of a network's tensors are permuted together, while its layers are worked out:
// units that an addition joins are one group.
#pragma once

#include <cstdint>
#include <vector>

#include <benchmarks/layer_plan.hpp>

namespace mneme::bench {

class UnitGroups final {
  public:
    static constexpr int64_t fixed = 0; // the group of what cannot be permuted

    int64_t add(int64_t size); // a new group
    // The group of both from here on. What is not in units of equal number cannot be permuted.
    int64_t join(int64_t a, int64_t b);
    // Fixes the group unless each of its units is one of `count` numbers: behind a flattening a
    // unit is a block of them.
    int64_t with_units(int64_t group, int64_t count);
    void fix_all() { none_ = true; }
    // The groups that are left, into the tensors' in_group and out_group and their sizes.
    void settle(NetworkPlan&) const;

  private:
    int64_t root(int64_t group) const;

    std::vector<int64_t> parent_{fixed}, sizes_{0};
    bool none_ = false;
};

} // namespace mneme::bench
