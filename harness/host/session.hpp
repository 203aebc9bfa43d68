// SPDX-License-Identifier: Apache-2.0
// What the tables need to know of a cell: its replicas, its network and head, where in the run it
// stands, its sources of random numbers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <ATen/ATen.h>

#include <mneme/abi.h>
#include <benchmarks/network.hpp>
#include <benchmarks/spec.hpp>
#include <benchmarks/stream.hpp>

#include "host/diagnostics.hpp"
#include "host/kernels.hpp"
#include "host/options.hpp"

namespace mneme::host {
class Session;
}

struct mneme_net {
    mneme::host::Session* session;
};

struct mneme_source {
    mneme::host::Session* session;
    std::string purpose;
    uint32_t hash;
    uint64_t place = ~uint64_t{0}; // the session's count of places at the last draw
    uint32_t call = 0;
};

struct mneme_setup_context {
    mneme::host::Session* session;
    mneme::host::OptionBook* options;
};

// Rows of a task's (or several tasks') training data.
struct mneme_examples {
    mneme::host::Session* session;
    mneme::bench::Examples data;
    at::Tensor task;              // int64 [N], the task of each row
    std::vector<int64_t> classes; // in the head's numbering
};

namespace mneme::host {

struct Head {
    std::string scenario = "domain"; // domain, task, class
    bool shared = false;             // labels re-indexed per task: `task` then masks nothing
    int64_t width = 0;
    std::vector<std::vector<int64_t>> classes; // of each task
};

// Phases of the counter that are no phase of a method (docs/protocol.md).
inline constexpr uint32_t phase_create = 255, phase_begin_task = 254, phase_end_task = 253,
                          phase_begin_epoch = 252, phase_end_epoch = 251, step_begin = 0xFFFFFFFEu,
                          step_end = 0xFFFFFFFFu;

class Session final {
  public:
    Session(const bench::Network&, std::vector<int64_t> seeds, Head, at::Tensor table, at::Device);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    static Session& current(); // the one whose plugin runs; throws when there is none
    class Scope {              // makes a session the current one
      public:
        explicit Scope(Session&);
        ~Scope();
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;

      private:
        Session* before_;
    };

    int64_t replicas() const { return static_cast<int64_t>(seeds_.size()); }
    at::Device device() const { return device_; }
    // While a step is recorded nothing may be read, nor made on the host; the tables refuse it by
    // name.
    bool recording() const { return recording_; }
    void set_recording(bool on) { recording_ = on; }
    const bench::Network& network() const { return network_; }
    const mneme_net* net() const { return &net_; }
    const Head& head() const { return head_; }

    // Where the run stands: every draw until the next call is made there.
    struct Place {
        int64_t task;
        uint32_t phase, step;
    };
    void stand_at(const Place&);
    // The same, and in one go copies a step's rows [S or 1, B] to where a recorded step reads them.
    void stand_at(const Place&, const at::Tensor& rows, at::Tensor& copy);
    void stand_again() {
        ++places_;
    } // the same place anew: a second go at a step draws what the first drew
    int64_t task() const { return task_; }
    void begin_task(
        int64_t task); // classes of tasks begun so far count from now on (scenario class)
    void set_dropout(double probability) {
        dropout_ = probability;
    } // [train]'s; 0 leaves the network its own
    // From now on `augment` moves the pictures of a training batch: `shape` is {channels, rows,
    // columns}.
    void set_augment(const bench::AugmentSpec& a, std::vector<int64_t> shape) {
        augment_ = a, picture_ = std::move(shape);
    }
    void augment(at::Tensor& x); // [S, B, D], as gather gave it
    // The same by draws of a plugin's source; null: as the benchmark says.
    at::Tensor augmented(const at::Tensor& x, mneme_source&, const bench::AugmentSpec*);
    void hide_boundaries() { hidden_ = true; } // before the learner is made: it is told
    bool boundaries_hidden() const { return hidden_; }

    // Sources. `open` is the plugin's: one for each purpose. The host's own purposes are named
    // mneme/..., a plugin's plugin/...
    mneme_source* open(const std::string& purpose);
    mneme_source& own(const std::string& purpose);
    at::Tensor uniform(mneme_source&, at::IntArrayRef shape); // [S, ...]
    at::Tensor integers(mneme_source&, int64_t high, at::IntArrayRef shape);
    at::Tensor normal(mneme_source&, at::IntArrayRef shape);
    at::Tensor permutation(mneme_source&, int64_t n); // [S, n] int64
    at::Tensor few(const std::string& purpose, int64_t n,
                   int64_t k); // [S, k]: k of n without replacement, quick where k is small
    // The same for one place, whatever the source's count of calls: the order of an epoch.
    at::Tensor permutation_at(const std::string& purpose, int64_t n, bench::PhiloxPlace) const;

    // Weights, losses and gradients of the network, as the contract says.
    bench::Weights initial() const;
    at::Tensor head_mask(const at::Tensor& task) const; // [S, B, C] bool
    at::Tensor losses(const at::Tensor& logits, const mneme_batch&) const;
    at::Tensor counts(const mneme_batch&)
        const; // for bench::Weights: undefined where every row is known to count
    at::Tensor loss(const at::Tensor& losses, const at::Tensor& weight) const; // [S]
    at::Tensor gradient(const bench::Weights&, const mneme_batch&, bench::Mode);
    // The same for a loss of the caller's, and what the built-in one gives it.
    at::Tensor gradient(const bench::Weights&, const mneme_batch&, bench::Mode,
                        const bench::Cotangent&);
    at::Tensor loss_cotangent(const at::Tensor& logits, const mneme_batch&);
    at::Tensor gradients_of_rows(const bench::Weights&, const mneme_batch&,
                                 const at::Tensor& cotangents) const; // [S, B, P], eval mode
    at::Tensor per_sample(const bench::Weights&, const mneme_batch&, int32_t of,
                          int32_t reduce) const;
    bench::Dropout dropout(const mneme_batch&);

    // Positions [S, n] or [1, n] (for all replicas) to a batch; `out` keeps what it holds in y,
    // task and weight when they still fit.
    void gather(const mneme_examples&, const at::Tensor& positions, at::Tensor& x, at::Tensor& y,
                at::Tensor& task, at::Tensor& weight) const;
    at::Tensor draw(const mneme_examples&, int32_t how, int64_t n);
    // uint8 [S or none, N, D], or token ids int32 [N, length], to float32: the same values as
    // gather gives.
    at::Tensor input(const at::Tensor& x) const;

    // Sum and weight of the losses that `gradient` saw on current rows since the last call, [S]
    // each, double; does not wait.
    std::pair<at::Tensor, at::Tensor> take_train_loss();
    void note_train_loss(const at::Tensor& losses, const mneme_batch&); // [S, B]: a method's own
    void peek_train_loss(std::vector<double>& sum,
                         std::vector<double>& weight) const; // for a checkpoint, and back
    void add_train_loss(const std::vector<double>& sum, const std::vector<double>& weight);

    Diagnostics& diagnostics() { return diagnostics_; }

    double peak_device_bytes() const; // 0 on a CPU

    const Kernels& kernels() const;
    void* stream() const;

    // Where plugins' log lines go; the worker sets it.
    static void log(const char* line);
    static void log_to(std::function<void(const std::string&)>);

  private:
    at::Tensor moved(const at::Tensor& x, const bench::AugmentSpec&, mneme_source& crop,
                     mneme_source& flip);
    Draw plan(mneme_source&, int64_t count, int64_t stride);
    Draw numbers(uint32_t purpose, const at::Tensor& place, uint32_t call, int64_t count,
                 int64_t stride) const;
    at::Tensor vectors(
        const at::Tensor& tokens) const; // int32 [..., length] to float32 [..., length * numbers]
    at::Tensor cross_entropy(const at::Tensor& logits, const mneme_batch&,
                             int64_t current); // its gradient by the logits
    at::Tensor cross_entropy_by_operators(const at::Tensor& logits, const mneme_batch&) const;
    at::Tensor order_of(const Draw&) const; // of bits, sorted
    void stand(const Stand&);

    const bench::Network& network_;
    const std::vector<int64_t> seeds_;
    const Head head_;
    const at::Device device_;
    at::Tensor seeds_on_device_; // int32 bits of the seeds
    at::Tensor table_; // float: what a pixel stands for, [256, 1], or a token, [ids, numbers]
    at::Tensor task_mask_, seen_mask_;  // bool [T, C], [C]
    at::Tensor loss_sum_, loss_weight_; // double [S]
    mneme_net net_{this};
    std::vector<std::unique_ptr<mneme_source>> opened_, owned_;
    int64_t task_ = 0;
    at::Tensor place_on_device_; // int32 [3], a bench::PhiloxPlace: what draws read
    bool recording_ = false;
    uint64_t places_ = 0;
    double dropout_ = 0;
    bool hidden_ = false, noting_ = false; // noting: in a train gradient, whose losses are noted
    bench::AugmentSpec augment_;
    std::vector<int64_t> picture_;
    Diagnostics diagnostics_;
};

} // namespace mneme::host
