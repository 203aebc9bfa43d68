// SPDX-License-Identifier: Apache-2.0
// A CUDA graph (CUDA Programming Guide, "CUDA Graphs"). What is made while it is recorded lies in a
// pool of its own, which no other work is given: so the addresses hold for as long as the graph is
// played.
#include <utility>

#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>

#include "host/cuda/half.hpp"

namespace mneme::host {
namespace {

namespace memory = c10::cuda::CUDACachingAllocator;

class CudaGraph final : public Graph {
  public:
    ~CudaGraph() override {
        if (playable_)
            cudaDeviceSynchronize(), cudaGraphExecDestroy(playable_); // it may still be at work
        if (pooled_) memory::releasePool(device_, pool_);
    }

    void record(const std::function<void()>& body) override {
        const auto stream = c10::cuda::getCurrentCUDAStream();
        const auto here = stream.stream();
        device_ = c10::cuda::current_device();
        C10_CUDA_CHECK(cudaStreamSynchronize(here));
        memory::beginAllocateToPool(device_, pool_, [here](cudaStream_t of) { return of == here; });
        pooled_ = true;
        cudaGraph_t recorded = nullptr;
        cudaError_t ended = cudaErrorUnknown;
        try {
            // This thread alone is forbidden what cannot be recorded: LibTorch's threads of the way
            // back only launch.
            C10_CUDA_CHECK(cudaStreamBeginCapture(here, cudaStreamCaptureModeThreadLocal));
            body();
            ended = cudaStreamEndCapture(here, &recorded);
        } catch (...) {
            cudaStreamEndCapture(here, &recorded);
            drop(recorded);
            throw;
        }
        memory::endAllocateToPool(device_, pool_);
        if (ended == cudaSuccess) ended = cudaGraphInstantiate(&playable_, recorded, 0);
        if (recorded) cudaGraphDestroy(recorded);
        C10_CUDA_CHECK(ended);
    }

    void play() override {
        C10_CUDA_CHECK(cudaGraphLaunch(playable_, c10::cuda::getCurrentCUDAStream().stream()));
    }

  private:
    void drop(cudaGraph_t recorded) const {
        if (recorded) cudaGraphDestroy(recorded);
        memory::endAllocateToPool(device_, pool_);
        (void)cudaGetLastError(); // what broke the recording has broken nothing else
    }

    // LibTorch numbers its own pools in the second place, or from 1 in the first; ours begin where
    // it will not come.
    static c10::MempoolId_t next_pool() {
        static c10::CaptureId_t count = c10::CaptureId_t{1} << 40;
        return {++count, 0};
    }

    const c10::MempoolId_t pool_ = next_pool();
    c10::DeviceIndex device_ = 0;
    bool pooled_ = false;
    cudaGraphExec_t playable_ = nullptr;
};

} // namespace

std::unique_ptr<Graph> make_cuda_graph() { return std::make_unique<CudaGraph>(); }

} // namespace mneme::host
