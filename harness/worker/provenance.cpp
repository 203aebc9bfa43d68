// SPDX-License-Identifier: Apache-2.0
#include "worker/provenance.hpp"

#include <cstdlib>

#include <ATen/ATen.h>
#include <ATen/Version.h>
#include <hdf5.h>
#include <unistd.h>

#include "host/kernels.hpp"
#include "host/tables.hpp"
#include "plan/record.hpp"

namespace mneme::harness {
namespace {

std::string environment() {
    Json out = Json::object();
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
std::string products_name(const Cell& cell) {
    const auto linear = cell.device == "cpu" && cell.benchmark.spec.network.kind == "mlp"
                            ? host::cpu_linear_library()
                            : "";
    return blas_name() + (linear.empty() ? "" : ", linear layers by " + linear);
}

std::string host_name() {
    char name[256] = {};
    ::gethostname(name, sizeof name - 1);
    return name;
}

} // namespace

std::string blas_name() {
    const std::string text = at::show_config();
    const auto found = text.find("BLAS_INFO=");
    if (found == text.npos) return at::hasMKL() ? "mkl" : "unknown";
    return text.substr(found + 10, text.find_first_of(", \n", found) - found - 10);
}

std::map<std::string, std::string> provenance(const Cell& cell, std::size_t run,
                                              const host::OptionBook& options,
                                              const std::string& conv_impl) {
    const bool cuda = cell.device == "cuda";
    return {{"options_toml", toml_text(options.effective_options(run))},
            {"train_toml", toml_text(options.train(run))},
            {"plugin_id", cell.plugin_id},
            {"plugin_version", cell.plugin_version},
            {"plugin_sha256", cell.plugin_sha256},
            {"plugin_note", cell.plugin_note},
            {"paper", cell.plugin_paper},
            {"harness_version", MNEME_VERSION},
            {"git_commit", MNEME_GIT_COMMIT},
            {"git_dirty", MNEME_GIT_DIRTY},
            {"libtorch", host::libtorch_version()},
            {"blas", products_name(cell)},
            {"hdf5", hdf5_version()},
            {"compiler", "g++ " __VERSION__},
            {"device", cuda ? host::cuda_device_name() : "cpu"},
            {"driver", cuda ? host::cuda_driver_version() : ""},
            {"cuda", cuda ? host::cuda_runtime_version() : ""},
            {"threads", std::to_string(cell.threads)},
            {"precision", cell.precision},
            {"conv_impl", conv_impl},
            {"command_line", cell.command_line},
            {"environment_json", environment()},
            {"host", host_name()}};
}

} // namespace mneme::harness
