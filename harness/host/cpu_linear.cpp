// SPDX-License-Identifier: Apache-2.0
// A linear layer's products by oneDNN (benchmarks/linear.hpp). On processors of which LibTorch's
// MKL knows less than half, they take half of its time; docs/decisions/0010 has what was measured.
// Replicas are done one after the other: each has the bits that it has alone.
#include <dlfcn.h>

#include <algorithm>
#include <string>

#include <mneme/abi.h>
#include <mneme/error.hpp>

#include <base/clones.hpp>
#include "host/kernels.hpp"

namespace mneme::host {
namespace {

using bench::LinearBackward, bench::LinearForward, bench::LinearGradient;

// c = op(a) op(b) + beta c, row-major; op: 'N' as it lies, 'T' turned. dnnl_sgemm of oneDNN's C
// interface, versions 2 and 3.
using Product = int (*)(char op_a, char op_b, int64_t rows, int64_t columns, int64_t inner,
                        float alpha, const float* a, int64_t a_stride, const float* b,
                        int64_t b_stride, float beta, float* c, int64_t c_stride);
struct Version {
    int major, minor, patch; // more follows
};
struct Library {
    Product product = nullptr;
    std::string name;
};

// Opened, not linked: without it LibTorch's operators do the same. And bound to itself first:
// LibTorch has a oneDNN of another version inside, some of whose functions have the same names.
// AddressSanitizer, which a worker runs under where a plugin was built with it, ends a program that
// opens a library so.
Library opened() {
    if (dlsym(RTLD_DEFAULT, "__asan_init")) return {};
    for (const char* file : {"libdnnl.so.3", "libdnnl.so.2"}) {
        void* library = dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
        if (!library) continue;
        const auto product = reinterpret_cast<Product>(dlsym(library, "dnnl_sgemm"));
        const auto version = reinterpret_cast<const Version* (*)()>(dlsym(library, "dnnl_version"));
        if (!product || !version) continue;
        const Version v = *version();
        return {product, "onednn " + std::to_string(v.major) + "." + std::to_string(v.minor) + "." +
                             std::to_string(v.patch)};
    }
    return {};
}

const Library& library() {
    static const Library the = opened();
    return the;
}

void product(char op_a, char op_b, int64_t rows, int64_t columns, int64_t inner, const float* a,
             int64_t a_stride, const float* b, int64_t b_stride, bool add, float* c) {
    const int status = library().product(op_a, op_b, rows, columns, inner, 1, a, a_stride, b,
                                         b_stride, add ? 1.0f : 0.0f, c, columns);
    if (status == 0) return;
    constexpr int out_of_memory = 1;
    throw Error("a linear layer: oneDNN's product of " + std::to_string(rows) + " x " +
                    std::to_string(inner) + " and " + std::to_string(inner) + " x " +
                    std::to_string(columns) + " failed with status " + std::to_string(status),
                status == out_of_memory ? MNEME_MEMORY : MNEME_FAILED);
}

MNEME_CLONES void rectify(float* __restrict y, int64_t n) {
    for (int64_t k = 0; k < n; ++k) y[k] = y[k] < 0 ? 0 : y[k]; // NaN stays
}
MNEME_CLONES void multiply(float* __restrict y, const float* __restrict by, int64_t n) {
    for (int64_t k = 0; k < n; ++k) y[k] *= by[k];
}
MNEME_CLONES void pass(float* __restrict dx, const float* __restrict y, int64_t n) {
    for (int64_t k = 0; k < n; ++k) dx[k] = y[k] > 0 ? dx[k] : 0;
}
MNEME_CLONES void add(float* __restrict sum, const float* __restrict row, int64_t n) {
    for (int64_t k = 0; k < n; ++k) sum[k] += row[k];
}

void forward(const LinearForward& f, void*) {
    const auto& z = f.size;
    for (int64_t s = 0; s < z.replicas; ++s) {
        float* y = f.y + s * z.rows * z.out;
        if (f.b)
            for (int64_t b = 0; b < z.rows; ++b)
                std::copy_n(f.b + s * z.w_stride, z.out, y + b * z.out);
        product('N', 'T', z.rows, z.out, z.in, f.x + s * f.x_stride, z.in, f.w + s * z.w_stride,
                z.in, f.b != nullptr, y);
        if (f.relu) rectify(y, z.rows * z.out);
        if (f.mask) multiply(y, f.mask + s * z.rows * z.out, z.rows * z.out);
    }
}

void backward(const LinearBackward& k, void*) {
    const auto& z = k.size;
    for (int64_t s = 0; s < z.replicas; ++s) {
        const int64_t first = s * z.rows * z.in, n = z.rows * z.in;
        product('N', 'N', z.rows, z.in, z.out, k.d + s * z.rows * z.out, z.out,
                k.w + s * z.w_stride, z.in, false, k.dx + first);
        pass(k.dx + first, k.y + first, n);
        if (k.mask) multiply(k.dx + first, k.mask + first, n);
    }
}

void gradient(const LinearGradient& g, void*) {
    const auto& z = g.size;
    for (int64_t s = 0; s < z.replicas; ++s) {
        const float* d = g.d + s * z.rows * z.out;
        product('T', 'N', z.out, z.in, z.rows, d, z.out, g.x + s * g.x_stride, z.in, false,
                g.dw + s * z.w_stride);
        if (!g.db) continue;
        float* db = g.db + s * z.w_stride;
        std::fill_n(db, z.out, 0.0f);
        for (int64_t b = 0; b < z.rows; ++b) add(db, d + b * z.out, z.out);
    }
}

} // namespace

const bench::LinearKernels* cpu_linear_kernels() {
    static const bench::LinearKernels table{
        forward, backward, gradient, [] { return static_cast<void*>(nullptr); }, false, 0};
    return library().product ? &table : nullptr;
}
std::string cpu_linear_library() { return library().name; }

} // namespace mneme::host
