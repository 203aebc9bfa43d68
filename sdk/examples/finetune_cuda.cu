// SPDX-License-Identifier: Apache-2.0
// Fine-tuning whose step is a CUDA kernel of the plugin's own. No LibTorch: the SDK tells where the
// values lie.
//
//   theta <- theta - lr g
//
// On a CPU the same is said in operators, so that the method can be described, planned and checked
// anywhere.
#include <mneme/device.hpp>
#include <mneme/mneme.hpp>

namespace {

__global__ void descend(float* theta, const float* g, const float* lr,
                        int64_t columns) { // a row of blocks for each replica
    const int64_t column = int64_t{blockIdx.x} * blockDim.x + threadIdx.x,
                  at = blockIdx.y * columns + column;
    if (column < columns) theta[at] -= lr[blockIdx.y] * g[at];
}

class FinetuneCuda final : public mneme::Learner {
  public:
    explicit FinetuneCuda(mneme::Setup& s)
        : Learner(s), lr_(s.options.train().number("lr", 0.01, {.above = 0}, "learning rate")) {}

    void observe(const mneme::Batch& batch) override {
        auto& theta = weights().theta;
        const auto g = net().gradient(weights(), batch);
        if (!mneme::device::is_cuda(theta)) {
            theta -= lr_ * g;
            return;
        }
        constexpr unsigned threads = 256;
        const int64_t columns = theta.size(1);
        const dim3 blocks(static_cast<unsigned>((columns + threads - 1) / threads),
                          static_cast<unsigned>(theta.size(0)));
        descend<<<blocks, threads, 0, static_cast<cudaStream_t>(mneme::device::stream())>>>(
            mneme::device::data<float>(theta), mneme::device::data<const float>(g),
            mneme::device::data<const float>(lr_), columns);
        if (const auto code = cudaPeekAtLastError(); code != cudaSuccess)
            throw mneme::Error(std::string("finetune_cuda: the kernel did not start: ") +
                               cudaGetErrorString(code));
    }

  private:
    const mneme::Tensor lr_; // [S, 1]
};

} // namespace

MNEME_METHOD(FinetuneCuda, "finetune_cuda",
             "plain sequential training, its step a kernel of the plugin", "")
