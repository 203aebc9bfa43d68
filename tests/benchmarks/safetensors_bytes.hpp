// SPDX-License-Identifier: Apache-2.0
// The bytes of safetensors files, for tests.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace bench_test {

inline std::string safetensors_bytes(const std::string& header, const std::string& bytes) {
    std::string text(8, '\0');
    const uint64_t length = header.size();
    std::memcpy(text.data(), &length, 8);
    return text + header + bytes;
}

template <class T> std::string bytes_of(const std::vector<T>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

struct StoredFloats {
    std::vector<int64_t> shape;
    std::vector<float> values;
};

inline std::string safetensors_of(const std::map<std::string, StoredFloats>& tensors) {
    nlohmann::json header = nlohmann::json::object();
    std::string bytes;
    for (const auto& [name, tensor] : tensors) {
        const std::size_t begin = bytes.size();
        bytes += bytes_of(tensor.values);
        header[name] = {
            {"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {begin, bytes.size()}}};
    }
    return safetensors_bytes(header.dump(), bytes);
}

} // namespace bench_test
