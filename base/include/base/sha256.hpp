// SPDX-License-Identifier: Apache-2.0
// Digests, as lower-case hexadecimal digits.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace mneme::base {

// SHA-256 of what was added. hex() gives the 64 digits and ends it.
class Sha256 final {
  public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&); // a copy continues from the same state
    Sha256& operator=(const Sha256&) = delete;
    void add(const void* data, std::size_t bytes);
    void add(std::string_view text) { add(text.data(), text.size()); }
    std::string hex();

  private:
    void* state_;
};

std::string sha256_of(std::string_view);
bool is_sha256(std::string_view); // 64 lower-case hexadecimal digits

std::string file_sha256(const std::filesystem::path&);
std::string file_md5(const std::filesystem::path&); // some sources publish only this

} // namespace mneme::base
