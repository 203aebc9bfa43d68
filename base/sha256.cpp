// SPDX-License-Identifier: Apache-2.0
#include <base/sha256.hpp>

#include <algorithm>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <vector>

#include <openssl/evp.h>

namespace mneme::base {

namespace {

EVP_MD_CTX* as_context(void* state) { return static_cast<EVP_MD_CTX*>(state); }

void require(int ok, const std::string& name = "SHA-256") {
    if (ok != 1)
        throw std::runtime_error(name +
                                 ": libcrypto refused to compute it; install a libcrypto "
                                 "that has it");
}

std::string to_hex(const unsigned char* bytes, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += "0123456789abcdef"[bytes[i] >> 4];
        text += "0123456789abcdef"[bytes[i] & 15];
    }
    return text;
}

template <class Use> void each_chunk(const std::filesystem::path& path, Use use) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error(path.string() + ": cannot be opened; is it there?");
    std::vector<char> chunk(std::size_t{1} << 18);
    while (in.read(chunk.data(), std::streamsize(chunk.size())) || in.gcount() > 0)
        use(chunk.data(), std::size_t(in.gcount()));
    if (in.bad()) throw std::runtime_error(path.string() + ": cannot be read to its end");
}

} // namespace

Sha256::Sha256() : state_(EVP_MD_CTX_new()) {
    require(state_ ? EVP_DigestInit_ex(as_context(state_), EVP_sha256(), nullptr) : 0);
}

Sha256::Sha256(const Sha256& other) : state_(EVP_MD_CTX_new()) {
    require(state_ ? EVP_MD_CTX_copy_ex(as_context(state_), as_context(other.state_)) : 0);
}

Sha256::~Sha256() { EVP_MD_CTX_free(as_context(state_)); }

void Sha256::add(const void* data, std::size_t bytes) {
    require(EVP_DigestUpdate(as_context(state_), data, bytes));
}

std::string Sha256::hex() {
    unsigned char digest[32];
    require(EVP_DigestFinal_ex(as_context(state_), digest, nullptr));
    return to_hex(digest, sizeof digest);
}

std::string sha256_of(std::string_view text) {
    Sha256 hash;
    hash.add(text);
    return hash.hex();
}

bool is_sha256(std::string_view text) {
    return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

std::string file_sha256(const std::filesystem::path& path) {
    Sha256 hash;
    each_chunk(path, [&](const char* data, std::size_t bytes) { hash.add(data, bytes); });
    return hash.hex();
}

std::string file_md5(const std::filesystem::path& path) {
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> state(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
    require(state ? EVP_DigestInit_ex(state.get(), EVP_md5(), nullptr) : 0, "MD5");
    each_chunk(path, [&](const char* data, std::size_t bytes) {
        require(EVP_DigestUpdate(state.get(), data, bytes), "MD5");
    });
    unsigned char digest[16];
    require(EVP_DigestFinal_ex(state.get(), digest, nullptr), "MD5");
    return to_hex(digest, sizeof digest);
}

} // namespace mneme::base
