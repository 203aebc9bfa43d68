// SPDX-License-Identifier: Apache-2.0
// What the tables given to a plugin need to know of the cell that is run: its model, its data and
// its random numbers.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/ATen.h>

#include <mneme/abi.h>
#include <benchmarks/network.hpp>

#include "host/batches.hpp"
#include "host/diagnostics.hpp"
#include "host/draws.hpp"
#include "host/kernels.hpp"
#include "host/model.hpp"
#include "host/options.hpp"
#include "host/placement.hpp"

struct mneme_net {
    mneme::host::Session* session;
};

struct mneme_setup_context {
    mneme::host::Session* session;
    mneme::host::OptionBook* options;
};

namespace mneme::host {

class Session final {
  public:
    // `table`: what a pixel or a token stands for (host/batches.hpp).
    Session(const bench::Network&, const std::vector<int64_t>& seeds, Head, at::Tensor table,
            at::Device);
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

    const Placement& placement() const { return placement_; }
    int64_t replicas() const { return placement_.replicas; }
    at::Device device() const { return placement_.device; }
    const Kernels& kernels() const { return placement_.kernels(); }
    void* stream() const { return placement_.stream(); }

    Draws& draws() { return draws_; }
    Batches& batches() { return batches_; }
    Model& model() { return model_; }
    const Model& model() const { return model_; }
    Diagnostics& diagnostics() { return diagnostics_; }
    const mneme_net* net() const { return &net_; }

    // While a step is recorded nothing may be read, nor made on the host; the tables refuse it by
    // name.
    bool recording() const { return recording_; }
    void set_recording(bool on) { recording_ = on; }
    void hide_boundaries() { hidden_ = true; } // to be called before the learner is made
    bool boundaries_hidden() const { return hidden_; }

  private:
    const Placement placement_;
    Draws draws_;
    Batches batches_;
    Model model_;
    mneme_net net_{this};
    Diagnostics diagnostics_;
    bool recording_ = false;
    bool hidden_ = false;
};

} // namespace mneme::host
