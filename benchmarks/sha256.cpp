// SPDX-License-Identifier: Apache-2.0
#include <benchmarks/dataset.hpp>
#include <benchmarks/fetch.hpp>

#include <fstream>
#include <memory>
#include <stdexcept>

#include <openssl/evp.h>

namespace mneme::bench {

namespace {

EVP_MD_CTX* as_context(void* state) { return static_cast<EVP_MD_CTX*>(state); }

void require(int ok, const std::string& name = "SHA-256") {
    if (ok != 1)
        throw std::runtime_error(name + ": the library refused; a working libcrypto with " + name +
                                 " would be right");
}

std::string in_hex(const unsigned char* bytes, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += "0123456789abcdef"[bytes[i] >> 4];
        text += "0123456789abcdef"[bytes[i] & 15];
    }
    return text;
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
    return in_hex(digest, sizeof digest);
}

std::string file_md5(const std::filesystem::path& path) {
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> state(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
    require(state ? EVP_DigestInit_ex(state.get(), EVP_md5(), nullptr) : 0, "MD5");
    std::ifstream in(path, std::ios::binary);
    std::vector<char> chunk(std::size_t{1} << 18);
    while (in.read(chunk.data(), std::streamsize(chunk.size())) || in.gcount() > 0)
        require(EVP_DigestUpdate(state.get(), chunk.data(), std::size_t(in.gcount())), "MD5");
    unsigned char digest[16];
    require(EVP_DigestFinal_ex(state.get(), digest, nullptr), "MD5");
    return in_hex(digest, sizeof digest);
}

} // namespace mneme::bench
