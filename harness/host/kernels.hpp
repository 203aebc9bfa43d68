// SPDX-License-Identifier: Apache-2.0
// Kernels of our own, over bare pointers: one table for the CPU (the reference), one with the same
// slots in libmneme_cuda. Matrices are row-major [replicas, columns]; `seeds`, `lr` and `decay`
// hold one value a replica and lie where the data lies.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <benchmarks/linear.hpp>
#include <benchmarks/philox.hpp>

namespace mneme::host {

// Which numbers a draw gives: key (seed of the replica, purpose) and place. The step and the task
// are read where `at` points, when the numbers are drawn: a recorded step that is played again
// draws those of its new place.
struct Draw {
    const uint32_t* seeds;
    uint32_t purpose;
    const bench::PhiloxPlace* at; // its call is not looked at
    uint32_t call;
    int64_t replicas, count; // numbers a replica
    int64_t stride;          // of `out` from replica to replica, in elements
};

// What a step may carry beside the gradient (mneme_update); null: nothing of the kind.
struct Carried {
    const float *importance = nullptr, *anchor = nullptr; // [replicas, columns]
    const float* strength = nullptr;                      // one a replica
    float clip = 0;
    float* path = nullptr;        // [replicas, columns]
    const float* along = nullptr; // [replicas, columns]
};

struct SgdStep { // v <- momentum v + (g + decay theta); theta <- theta - lr v;  momentum null: v =
                 // g + decay theta
    float* theta;
    float* velocity;
    const float* gradient;
    const float *lr, *decay;
    const bool* mask; // [replicas, columns] or null
    float momentum;
    int64_t replicas, columns;
    Carried with{};
};

struct AdamStep { // steps counts from 1 in this call
    float *theta, *first, *second;
    const float* gradient;
    const float *lr, *decay, *steps;
    const bool* mask;
    float beta1, beta2, epsilon;
    bool decoupled; // AdamW
    int64_t replicas, columns;
    Carried with{};
};

struct Gather { // out[s, b, :] = table[x[s or 0, positions[s, b], :]]
    float* out;
    const uint8_t* x; // null: labels alone
    int64_t x_stride; // from replica to replica, 0 when all share
    const int64_t* positions;
    int64_t positions_stride; // 0 when all share
    int64_t replicas, rows, width;
    const float* table; // 256 values: what a pixel becomes
    struct Labels {     // y_out[r, b] = y[positions[r or 0, b]], and task alike
        const int64_t *y = nullptr, *task = nullptr;
        int64_t *y_out = nullptr, *task_out = nullptr;
        int64_t replicas = 0; // `replicas` above, or more where that is 1
    } labels{};
};

// The gradient of a batch's loss with respect to its logits: (softmax - onehot) * weight / sum of
// weights among the classes that count, 0 elsewhere and where the sum is 0.
struct CrossEntropy {
    const float* logits;     // [replicas, rows, classes]
    const bool* counts;      // [n, classes]; null: every class counts
    const int64_t* count_of; // [replicas, rows]: which row of `counts`; null: the first
    const int64_t* labels;   // [replicas, rows]
    const float* weight;     // [replicas, rows]
    float* cotangent;        // [replicas, rows, classes]
    int64_t replicas, rows, classes;
    int64_t current = 0; // so many rows from the first add weight * loss to loss_sum, weight to
                         // loss_weight; both [replicas]
    double *loss_sum = nullptr, *loss_weight = nullptr;
};

struct PutRows { // row b of `from` -> slot[s, b] of `to`, where that is 0 to slots - 1; of rows for
                 // one slot the last
    struct {
        float* x; // [replicas, slots, width]
        int64_t *y, *task;
        float* weight;
    } to;
    struct {
        const float* x;   // [replicas or 1, rows, width]
        int64_t x_stride; // from replica to replica, 0 when all share
        const int64_t *y, *task;
        const float* weight;
    } from;
    const int64_t* slot; // [replicas, rows]
    int64_t replicas, rows, slots, width;
};

// ab[s] = sum of a[s, k] b[s, k], bb[s] = sum of b[s, k]^2, both [replicas]. Parts of a row are
// summed in float32, these sums in double.
struct Products {
    const float *a, *b;
    float *ab, *bb;
    int64_t replicas, columns;
    double* parts = nullptr; // room for the kernel on a GPU: [replicas, products_parts(columns), 2]
};
constexpr int64_t products_part = 2048;
constexpr int64_t products_parts(int64_t columns) {
    return (columns + products_part - 1) / products_part;
}

struct Seek { // *there = at, and the rows of a step where a recorded one reads them
    bench::PhiloxPlace* there;
    bench::PhiloxPlace at;
    const int64_t* from = nullptr; // [replicas, rows]; null: none
    int64_t from_stride = 0;       // from replica to replica
    int64_t* to = nullptr;         // [replicas, rows]
    int64_t replicas = 0, rows = 0;
};

struct Kernels {
    void (*seek)(const Seek&, void* stream);
    void (*bits)(const Draw&, int64_t* out, void* stream); // 0 to 2^32 - 1
    void (*uniform)(const Draw&, float* out, void* stream);
    void (*randint)(const Draw&, uint32_t high, int64_t* out, void* stream);
    void (*normal)(const Draw&, float* out, void* stream);
    void (*dropout)(const Draw&, float probability, float* out,
                    void* stream); // 0, or 1 / (1 - probability)
    void (*sample_without_replacement)(
        const Draw&, int64_t of, int64_t* out,
        void* stream); // `count` of 0..of-1 without replacement: for small counts
    void (*gather)(const Gather&, void* stream);
    void (*sgd)(const SgdStep&, void* stream);
    void (*adam)(const AdamStep&, void* stream);
    void (*cross_entropy)(const CrossEntropy&, void* stream);
    void (*put_rows)(const PutRows&, void* stream);
    void (*products)(const Products&, void* stream);
};

extern const Kernels cpu_kernels;

struct Largest { // out[s, i]: whether values[s, i] is among the `count` largest of its row; of
                 // equal ones the last are
    const float* values;
    bool* out;
    int64_t replicas, columns, count;
};
void cpu_largest(const Largest&); // on a GPU LibTorch's operators do it

// Linear layers' products on a CPU (cpu_linear.cpp): null where their library, oneDNN, is not on
// this machine. Its name and version, or "".
const bench::LinearKernels* cpu_linear_kernels();
std::string cpu_linear_library();

// Work that is recorded once and played again: on a GPU a CUDA graph.
class Graph {
  public:
    virtual ~Graph() = default;
    // Records what body() launches; nothing of it is done. Throws what body throws, or c10::Error
    // where something cannot be recorded: then there is nothing to play.
    virtual void record(const std::function<void()>& body) = 0;
    // Does it all, reading and writing the places in memory that body() used. Does not wait.
    virtual void play() = 0;
};

// Opens LibTorch's CUDA half and ours beside this program; throws mneme::Error where either is not
// to be had. From then on the thread's current stream is one of its own, since work on the default
// stream cannot be recorded.
void open_cuda();
void cuda_precision(bool tf32); // LibTorch's products and convolutions with factors of 11 bits, or
                                // in float32, as they are to begin with
std::unique_ptr<Graph> cuda_graph();
void cuda_free_unused(); // memory that LibTorch's allocator holds and nobody uses goes back to the
                         // device
std::string cuda_lost_because(); // waits for the device; empty: it answers, or what failed was the
                                 // program's doing
// The CUDA table after open_cuda(); the current stream of LibTorch.
const Kernels& cuda_kernels();
void* cuda_stream();
const bench::LinearKernels& cuda_linear_kernels(); // for networks: benchmarks/network.hpp, use
double cuda_peak_bytes();                          // most that LibTorch's allocator held
std::string cuda_device_name();
std::string cuda_driver_version();
std::string cuda_runtime_version();

} // namespace mneme::host
