// SPDX-License-Identifier: Apache-2.0
// The networks whose weights one benchmark of a results file keeps.
#pragma once

#include <vector>

#include <benchmarks/network.hpp>
#include <results/block.hpp>

namespace mneme::harness {

class StoredNetworks final {
  public:
    explicit StoredNetworks(const results::Block&); // which outlives this

    bool any(std::size_t m, std::size_t n) const; // of a task of this run
    bool has_joint() const; // a method whose last minimum is that of all tasks

    // Of each task of a run one network, theta [1, columns] and its running statistics. Not kept:
    // theta is undefined.
    std::vector<bench::Weights> of_run(std::size_t m, std::size_t n, const bench::Network&,
                                       at::Device) const;
    bench::Weights of_all_tasks(std::size_t n, const bench::Network&, at::Device) const; // joint's

  private:
    at::Tensor unpacked(const results::Array<float>&, std::size_t row,
                        const std::vector<bench::Layer>&, int64_t columns, at::Device) const;

    const results::Block& block_;
    std::size_t joint_; // number of the method; that of all methods: there is none
};

} // namespace mneme::harness
