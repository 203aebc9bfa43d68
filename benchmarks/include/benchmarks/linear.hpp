// SPDX-License-Identifier: Apache-2.0
// The products of a linear layer for all replicas, as kernels make them that are not LibTorch's:
// over bare pointers to float32. Weights and their gradients are [out, in] in rows of theta,
// w_stride floats from replica to replica; what is not theta's is contiguous. `rows` are those of
// the batch. Sums have one order, whatever the number of replicas and of rows: a replica's bits are
// those of its seed alone.
#pragma once

#include <cstdint>

namespace mneme::bench {

struct LinearSize {
    int64_t replicas, rows, in, out, w_stride;
};

struct LinearForward { // y = x w' + b, then ReLU, then times mask
    LinearSize size;
    const float* x;     // [replicas, rows, in], or [rows, in] where x_stride is 0
    int64_t x_stride;   // from replica to replica
    const float *w, *b; // b null: none
    const float* mask;  // [replicas, rows, out]; null: none
    bool relu;
    float* y; // [replicas, rows, out]
};

struct LinearBackward { // what entered, y of the layer below: dx = d w where y > 0, times mask
    LinearSize size;
    const float* d; // [replicas, rows, out]
    const float* w;
    const float *y, *mask; // [replicas, rows, in]; mask null: none
    float* dx;             // [replicas, rows, in]
};

struct LinearGradient { // dw = d' x, db = the sum of d over rows
    LinearSize size;
    const float* d; // [replicas, rows, out]
    const float* x; // as above
    int64_t x_stride;
    float *dw, *db; // in rows like theta's; db null: none
};

struct LinearKernels {
    void (*forward)(const LinearForward&, void* stream);
    void (*backward)(const LinearBackward&, void* stream);
    void (*gradient)(const LinearGradient&, void* stream);
    void* (*stream)(); // on which LibTorch works at present
    bool cuda;         // where the floats lie
    int64_t most_rows; // of all replicas: above, LibTorch's operators win; 0: never
};

} // namespace mneme::bench
