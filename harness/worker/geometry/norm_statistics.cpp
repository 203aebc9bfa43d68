// SPDX-License-Identifier: Apache-2.0
#include "worker/geometry/norm_statistics.hpp"

#include <ATen/ATen.h>
#include <benchmarks/norm.hpp>

namespace mneme::harness {

at::Tensor estimated_statistics(const bench::Network& network, const at::Tensor& theta,
                                const std::vector<at::Tensor>& batches) {
    auto stats = at::zeros({theta.size(0), network.stats_columns()}, theta.options());
    if (network.stats_columns() == 0) return stats;
    auto sum = at::zeros_like(stats, at::kDouble);
    for (const auto& x : batches) {
        stats.zero_(); // so that the pass leaves norm_momentum times the batch's statistics
        network.logits({theta, stats}, x, bench::Mode::train, {});
        sum += stats;
    }
    return (sum / (bench::norm_momentum * static_cast<double>(batches.size())))
        .to(theta.scalar_type());
}

} // namespace mneme::harness
