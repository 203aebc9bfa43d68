// SPDX-License-Identifier: Apache-2.0
// A network some of whose layers are frozen: their values are constants, the same for all replicas,
// and what it calls its weights and its running values are the others. No method can move what it
// is not given. Each pass puts the whole rows together for the network inside, which asks for no
// gradient of a frozen layer (pieces_of, mlp.cpp) and has frozen normalisation use its running
// values (forward_pass.cpp).
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <benchmarks/network.hpp>

namespace mneme::bench {

class PartlyFrozen final : public Network {
  public:
    explicit PartlyFrozen(std::unique_ptr<Network> whole); // whose first values are given

    at::Tensor logits(const Weights&, const at::Tensor& x, Mode, const Dropout&) const override;
    at::Tensor features(const Weights&, const at::Tensor& x, Mode, const Dropout&) const override;
    at::Tensor gradient(const Weights&, const at::Tensor& x, Mode, const Dropout&,
                        const Cotangent&) const override;
    at::Tensor per_sample(const Weights&, const at::Tensor& x, const Cotangents&,
                          bool absolute) const override;
    std::vector<at::Tensor> layer_inputs(const Weights&, const at::Tensor& x, Mode,
                                         const Dropout&) const override;
    at::Tensor initial(int64_t seed) const override;
    at::Tensor initial_stats() const override;

    bool has_convolutions() const override { return whole_->has_convolutions(); }
    void use(const LinearKernels& kernels) override { whole_->use(kernels); }
    void pass_replicas(Replicas way) override { whole_->pass_replicas(way); }
    void move_to(at::Device) override;
    const Network& whole() const override { return *whole_; }
    Weights to_whole(const Weights&) const override;
    Weights from_whole(const Weights&) const override;

  private:
    // Which columns of a row of the whole network are constant, and their values.
    struct Columns {
        std::vector<std::pair<bool, int64_t>> runs; // whether frozen, and how many
        at::Tensor constants;                       // [1, all frozen ones]

        Columns(const std::vector<Layer>&, const at::Tensor& row);
        bool any() const { return constants.size(1) > 0; }
        at::Tensor whole(const at::Tensor& own, int64_t replicas) const;
        at::Tensor own(const at::Tensor& whole) const;
    };

    void free_groups(); // those that no frozen layer takes part in
    // Runs a pass of the whole network; running values that it moved in place are moved in `w`.
    template <class Pass> at::Tensor passed(const Weights& w, Mode, const Pass&) const;

    std::unique_ptr<Network> whole_;
    Columns theta_, stats_;
};

} // namespace mneme::bench
