// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <mneme/error.hpp>

#include "host/kernels.hpp"
#include "host/tables.hpp"
#include "worker/commands.hpp"
#include "worker/provenance.hpp"

namespace mneme::harness {

// A 512 x 512 product on one thread, in GFLOP/s, best of five: a LibTorch without a real BLAS is thirty times slower than one with.
static double product_speed() {
    at::set_num_threads(1);
    const auto a = at::ones({512, 512}), b = at::ones({512, 512});
    double best = 1e9;
    for (int k = 0; k < 6; ++k) {
        const auto start = std::chrono::steady_clock::now();
        at::mm(a, b);
        best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return 2.0 * 512 * 512 * 512 / best * 1e-9;
}

int doctor(Reporter& reporter) {
    Json cuda = {{"built", MNEME_HAS_CUDA != 0}, {"usable", false}};
    try {
        host::open_cuda();
        cuda["usable"] = true;
        cuda["device"] = host::cuda_device_name();
        cuda["driver"] = host::cuda_driver_version();
    } catch (const Error& e) {
        cuda["message"] = e.what();
    }
    reporter.say({{"event", "doctor"},
                  {"libtorch", host::libtorch_version()},
                  {"blas", blas_name()},
                  {"product_gflops", product_speed()},
                  {"missing_operators", host::missing_operators()},
                  {"cuda", cuda}});
    return 0;
}

} // namespace mneme::harness
