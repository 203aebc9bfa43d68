// SPDX-License-Identifier: Apache-2.0
#include <benchmarks/dataset.hpp>

#include <stdexcept>

#include <openssl/evp.h>

namespace mneme::bench {

namespace {

EVP_MD_CTX* as_context(void* state) { return static_cast<EVP_MD_CTX*>(state); }

void require(int ok) {
    if (ok != 1) throw std::runtime_error("SHA-256: the library refused; a working libcrypto with SHA-256 would be right");
}

} // namespace

Sha256::Sha256() : state_(EVP_MD_CTX_new()) { require(state_ ? EVP_DigestInit_ex(as_context(state_), EVP_sha256(), nullptr) : 0); }

Sha256::Sha256(const Sha256& other) : state_(EVP_MD_CTX_new()) {
    require(state_ ? EVP_MD_CTX_copy_ex(as_context(state_), as_context(other.state_)) : 0);
}

Sha256::~Sha256() { EVP_MD_CTX_free(as_context(state_)); }

void Sha256::add(const void* data, std::size_t bytes) { require(EVP_DigestUpdate(as_context(state_), data, bytes)); }

std::string Sha256::hex() {
    unsigned char digest[32];
    require(EVP_DigestFinal_ex(as_context(state_), digest, nullptr));
    std::string text;
    for (unsigned char byte : digest) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

} // namespace mneme::bench
