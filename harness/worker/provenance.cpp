// SPDX-License-Identifier: Apache-2.0
#include "worker/provenance.hpp"

#include <cstdlib>

#include <ATen/ATen.h>
#include <ATen/Version.h>
#include <hdf5.h>

#include "host/kernels.hpp"
#include "host/tables.hpp"

namespace mneme::harness {
namespace {

std::string environment() {
    auto out = protocol::Json::object();
    for (const char* name :
         {"OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "CUDA_VISIBLE_DEVICES",
          "SLURM_JOB_ID", "SLURM_ARRAY_TASK_ID", "MNEME_DATA", "MNEME_TORCH",
          "HDF5_USE_FILE_LOCKING", "CUBLAS_WORKSPACE_CONFIG"})
        if (const char* value = std::getenv(name)) out[name] = value;
    return out.dump();
}

std::string hdf5_version() {
    unsigned a = 0, b = 0, c = 0;
    H5get_libversion(&a, &b, &c);
    return std::to_string(a) + "." + std::to_string(b) + "." + std::to_string(c);
}

// Who makes the products of the network's layers on a CPU.
std::string products_name(const protocol::Cell& cell) {
    const std::string& kind = cell.spec().network.kind;
    const bool by_kernels = kind == bench::NetworkName::mlp || kind == bench::NetworkName::linear;
    const auto linear =
        by_kernels && cell.execution.device == "cpu" ? host::cpu_linear_library() : "";
    return blas_name() + (linear.empty() ? "" : ", linear layers by " + linear);
}

} // namespace

std::string blas_name() {
    const std::string text = at::show_config();
    const auto found = text.find("BLAS_INFO=");
    if (found == text.npos) return at::hasMKL() ? "mkl" : "unknown";
    return text.substr(found + 10, text.find_first_of(", \n", found) - found - 10);
}

protocol::Provenance provenance(const protocol::Cell& cell, const std::string& conv_impl) {
    const bool cuda = cell.execution.device == "cuda";
    protocol::Provenance made;
    made.git_commit = MNEME_GIT_COMMIT;
    made.git_dirty = MNEME_GIT_DIRTY;
    made.libtorch = host::libtorch_version();
    made.blas = products_name(cell);
    made.hdf5 = hdf5_version();
    made.compiler = "g++ " __VERSION__;
    made.device = cuda ? host::cuda_device_name() : "cpu";
    made.driver = cuda ? host::cuda_driver_version() : "";
    made.cuda = cuda ? host::cuda_runtime_version() : "";
    made.conv_impl = conv_impl;
    made.environment_json = environment();
    return made;
}

} // namespace mneme::harness
