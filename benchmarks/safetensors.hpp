// SPDX-License-Identifier: Apache-2.0
// The tensors of a safetensors file: eight bytes with the header's length, the header in JSON, the
// tensors' bytes (huggingface/safetensors, README.md, "Format"). Private to this room.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <base/descriptor.hpp>

namespace mneme::bench {

struct StoredTensor {
    std::string name, type; // "F32"
    std::vector<int64_t> shape;
    uint64_t begin = 0, end = 0; // bytes behind the header
};

inline const std::vector<std::string> float_types{"F32", "F16", "BF16", "F64"};

// A file whose header is read and whose tensors are known to lie in it, each on bytes of its own,
// all bytes in one. Throws std::runtime_error "FILE: what is wrong; what to do".
class Safetensors final {
  public:
    explicit Safetensors(const std::filesystem::path&);

    const std::vector<StoredTensor>& tensors() const { return tensors_; } // by name
    const StoredTensor* find(const std::string& name) const;              // null: none of that name
    // In its order, of a tensor of a type in float_types; an F64 that no float is as large as gives
    // an infinity.
    std::vector<float> floats(const StoredTensor&) const;

  private:
    [[noreturn]] void fail(const std::string& what) const;
    void read(void* to, uint64_t bytes, uint64_t at) const;
    void check_places(uint64_t room) const;

    std::string name_; // for messages
    base::Descriptor file_;
    uint64_t data_ = 0; // where the tensors' bytes begin
    std::vector<StoredTensor> tensors_;
};

} // namespace mneme::bench
