// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "host/kernels.hpp"
#include "host/tables.hpp"
#include "worker/commands.hpp"
#include "worker/provenance.hpp"

namespace mneme::harness {

namespace {

constexpr int64_t side = 512;

// A product of two squares on one thread, in GFLOP/s, best of five: a LibTorch without a real BLAS
// is thirty times slower than one with.
template <class F> double product_speed(F&& product) {
    at::set_num_threads(1);
    double best = 1e9;
    for (int k = 0; k < 6; ++k) {
        const auto start = std::chrono::steady_clock::now();
        product();
        best = std::min(
            best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return 2.0 * side * side * side / best * 1e-9;
}

} // namespace

ExitCode doctor(Reporter& reporter) {
    const auto a = at::ones({side, side}), b = at::ones({side, side});
    auto c = at::empty({side, side});
    protocol::WorkerFacts facts;
    facts.libtorch = host::libtorch_version();
    facts.blas = blas_name();
    facts.product_gflops = product_speed([&] { at::mm_out(c, a, b); });
    facts.missing_operators = host::missing_operators();
    if (const auto* kernels = host::cpu_linear_kernels()) {
        const bench::LinearForward layer{{1, side, side, side, 0},
                                         a.data_ptr<float>(),
                                         0,
                                         b.data_ptr<float>(),
                                         nullptr,
                                         nullptr,
                                         false,
                                         c.data_ptr<float>()};
        facts.linear_library = host::cpu_linear_library();
        facts.linear_gflops = product_speed([&] { kernels->forward(layer, nullptr); });
    }
    facts.cuda_built = MNEME_HAS_CUDA != 0;
    try {
        host::open_cuda();
        facts.cuda_usable = true;
        facts.cuda_device = host::cuda_device_name();
        facts.cuda_driver = host::cuda_driver_version();
    } catch (const base::ExitError& e) {
        facts.cuda_message = e.what();
    }
    reporter.say(facts);
    return ExitCode::done;
}

} // namespace mneme::harness
