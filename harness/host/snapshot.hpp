// SPDX-License-Identifier: Apache-2.0
// A learner's state as data: names and values in the order of the visit. For checkpoints, the bill
// of memory, and the proof that an evaluation changed nothing.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <ATen/ATen.h>

namespace mneme::host {

struct Snapshot {
    using Value = std::variant<at::Tensor, int64_t, double>; // undefined tensors too
    std::vector<std::pair<std::string, Value>> values;

    Snapshot copy() const;   // of its own, each tensor where it lies
    Snapshot on_cpu() const; // of its own, on the CPU
    bool same_bits(const Snapshot&) const;
    std::string moved(const Snapshot& before)
        const;                  // the first name whose tensor lies elsewhere now; empty: none does
    std::string digest() const; // SHA-256 over names, shapes and bits; of tensors on the CPU
    double kept_bytes(const std::string& without_prefix)
        const; // of all tensors but those whose name begins so, and working space (~)
    std::string bytes() const; // one blob; throws mneme::Error when a blob is not one of ours
    static Snapshot from_bytes(const std::string&);
};

} // namespace mneme::host
