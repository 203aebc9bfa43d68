// SPDX-License-Identifier: Apache-2.0
// What a file may give for each type of field, in words: what the keys of a benchmark and those of
// a layer share. Private to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <benchmarks/layer_spec.hpp>

namespace mneme::bench {

inline std::string noun(const std::string*) { return "a string"; }
inline std::string noun(const int64_t*) { return "an integer"; }
inline std::string noun(const double*) { return "a number"; }
inline std::string noun(const bool*) { return "true or false"; }
inline std::string noun(const std::vector<LayerSpec>*) { return "a list of layers"; }
template <class T> std::string noun(const std::optional<T>*) {
    return noun(static_cast<const T*>(nullptr));
}

} // namespace mneme::bench
