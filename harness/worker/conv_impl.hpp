// SPDX-License-Identifier: Apache-2.0
// How the replicas of convolutions pass on a device: as groups of one convolution, or one after the
// other. Which is faster depends on the device, the network and the number of replicas, so it is
// measured once, before anything trains.
#pragma once

#include <functional>
#include <string>

#include <benchmarks/network.hpp>

namespace mneme::harness {

struct ConvTimes {
    double grouped_s = 0, looped_s = 0; // medians
    bool looped() const { return looped_s < grouped_s; }
};

// In turn, so that both meet the same weather, after one of each that does not count. A call
// returns when its work is done.
ConvTimes time_in_turn(const std::function<void()>& grouped, const std::function<void()>& looped,
                       int repetitions);

// A forward pass and its gradient either way, with weights and statistics of its own. The network
// is left as it was by default.
ConvTimes time_convolutions(bench::Network&, int64_t replicas, int64_t batch, int64_t inputs,
                            at::Device, int repetitions);

// Decides for this network, and says how: what the results keep. `kept`: what a checkpoint says,
// and decides then; empty: none.
std::string settle_conv_impl(bench::Network&, int64_t replicas, int64_t batch, int64_t inputs,
                             at::Device, const std::string& kept);

} // namespace mneme::harness
