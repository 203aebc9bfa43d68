// SPDX-License-Identifier: Apache-2.0
// The random numbers of a cell's runs: functions of seed, purpose, task, phase, step and call
// (docs/protocol.md, "Random numbers"), never of what others have drawn.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <mneme/abi.h>
#include <benchmarks/philox.hpp>

#include "host/placement.hpp"

namespace mneme::host {
class Draws;
}

struct mneme_source {
    mneme::host::Draws* draws;
    std::string purpose;
    uint32_t hash;
    uint64_t place = ~uint64_t{0}; // the count of places at the last draw
    uint32_t call = 0;
};

namespace mneme::host {

// Phases of the counter that are not phases of a method.
inline constexpr uint32_t phase_create = 255, phase_begin_task = 254, phase_end_task = 253,
                          phase_begin_epoch = 252, phase_end_epoch = 251, step_begin = 0xFFFFFFFEu,
                          step_end = 0xFFFFFFFFu;

struct Place {
    int64_t task;
    uint32_t phase, step;
};

class Draws final {
  public:
    Draws(const Placement&, const std::vector<int64_t>& seeds);
    ~Draws();
    Draws(const Draws&) = delete;
    Draws& operator=(const Draws&) = delete;

    // Every draw until the next call is made at this place.
    void seek(const Place&);
    // The same, and in the same launch copies a step's rows [S or 1, B] to where a recorded step
    // reads them.
    void seek(const Place&, const at::Tensor& rows, at::Tensor& copy);
    void seek_again() { ++places_; } // the same place: a step made again draws what it drew before

    // A plugin's source, one for each purpose ("plugin/..."), and one of the host's ("mneme/...").
    mneme_source* open(const std::string& purpose);
    mneme_source& own(const std::string& purpose);

    at::Tensor uniform(mneme_source&, at::IntArrayRef shape); // [S, ...]
    at::Tensor normal(mneme_source&, at::IntArrayRef shape);
    at::Tensor randint(mneme_source&, int64_t high, at::IntArrayRef shape); // 0 to high - 1
    at::Tensor permutation(mneme_source&, int64_t n);                       // int64 [S, n]
    // [S, k]: k of n; quick where k is small.
    at::Tensor sample_without_replacement(const std::string& purpose, int64_t n, int64_t k);
    // At a place of its own, whatever the source's count of calls: the order of an epoch.
    at::Tensor permutation_at(const std::string& purpose, int64_t n, bench::PhiloxPlace) const;
    // 0 with probability `rate`, else 1 / (1 - rate): `count` numbers a replica, `stride` apart.
    void dropout(const char* purpose, double rate, int64_t count, int64_t stride, float* out);

  private:
    Draw next(mneme_source&, int64_t count, int64_t stride);
    Draw at_place(uint32_t purpose, const at::Tensor& place, uint32_t call, int64_t count,
                  int64_t stride) const;
    at::Tensor order_of(const Draw&) const; // of bits, sorted
    void move_to(const Seek&);

    const Placement placement_;
    at::Tensor seeds_; // int32 bits, on the device
    at::Tensor place_; // int32 [3], a bench::PhiloxPlace on the device: what draws read
    uint64_t places_ = 0;
    std::vector<std::unique_ptr<mneme_source>> opened_, owned_;
};

} // namespace mneme::host
