// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets share. A reader may refuse bytes with one sentence; anything else that it
// does wrong is the sanitizers' to see.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "../folder.hpp"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace mneme::fuzz {

using mneme::test::Folder;

inline void want(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "%s\n", what);
    std::abort();
}

// A refusal is one line: where, what is wrong, what to do.
template <class F> void refuse_or_read(F read) {
    try {
        read();
    } catch (const std::runtime_error& refused) { // mneme::Error is one
        const std::string text = refused.what();
        want(text.find(": ") != std::string::npos && text.find("; ") != std::string::npos,
             ("not a sentence of ours: " + text).c_str());
        want(text.find('\n') == std::string::npos, "a refusal of more than one line");
    }
}

} // namespace mneme::fuzz
