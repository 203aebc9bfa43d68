// SPDX-License-Identifier: Apache-2.0
// The CUDA half is opened, not linked: the worker starts on a machine that has none of its
// libraries (docs/decisions/0001).
#include <dlfcn.h>
#include <filesystem>

#include <ATen/Context.h>

#include <base/error.hpp>

#include "host/cuda/half.hpp"
#include "host/kernels.hpp"

namespace mneme::host {
namespace {

const CudaHalf* half = nullptr;

std::filesystem::path folder_of(void* address) {
    Dl_info info{};
    dladdr(address, &info);
    return std::filesystem::path(info.dli_fname ? info.dli_fname : "").parent_path();
}

void* open_library(const std::string& name, const char* what) {
    void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (!library)
        throw base::ExitError(base::ExitCode::bad_input,
                              std::string("--device cuda: ") + what + " cannot be loaded (" +
                                  dlerror() + "); use --device cpu, or see mneme doctor");
    return library;
}

const CudaHalf& opened() {
    if (!half) throw std::logic_error("cuda: not opened");
    return *half;
}

} // namespace

void open_cuda() {
    if (half) return;
    // LibTorch's own CUDA half first: opening it registers its operators.
    open_library("libtorch_cuda.so", "LibTorch's CUDA library");
    std::string ours = "libmneme_cuda.so";
    const auto here = folder_of(reinterpret_cast<void*>(&open_cuda));
    for (const auto& folder : {here / "../lib/mneme", here})
        if (std::filesystem::exists(folder / ours)) {
            ours = (folder / ours).string();
            break;
        }
    void* library = open_library(ours, "mneme's CUDA library");
    auto entry = reinterpret_cast<const CudaHalf* (*)()>(dlsym(library, "mneme_cuda_half"));
    if (!entry)
        throw base::ExitError(base::ExitCode::bad_input,
                              ours + ": is not mneme's CUDA library; install it anew");
    const auto* found = entry();
    if (const char* why = found->fault())
        throw base::ExitError(
            base::ExitCode::bad_input,
            std::string("--device cuda: ") + why + "; use --device cpu, or see mneme doctor");
    found->leave_default_stream();
    half = found;
    cuda_precision(false); // LibTorch's default for convolutions is another
    at::globalContext().setDeterministicCuDNN(true); // the same run gives the same bits
}

void cuda_precision(bool tf32) {
    at::globalContext().setAllowTF32CuDNN(tf32);
    at::globalContext().setAllowTF32CuBLAS(tf32);
}

const Kernels& cuda_kernels() { return opened().kernels; }
const bench::LinearKernels& cuda_linear_kernels() { return opened().linear; }
void* cuda_stream() { return opened().stream(); }
std::unique_ptr<Graph> cuda_graph() { return opened().graph(); }
void cuda_free_unused() { opened().free_unused(); }
std::string cuda_lost_because() {
    const char* why = opened().lost_because();
    return why ? why : "";
}
double cuda_peak_bytes() { return opened().peak_bytes(); }
std::string cuda_device_name() { return opened().device_name(); }
std::string cuda_driver_version() { return std::to_string(opened().driver_version()); }
std::string cuda_runtime_version() { return std::to_string(opened().runtime_version()); }

} // namespace mneme::host
