// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets share. A reader may refuse bytes with one sentence; anything else that it does wrong is the sanitizers' to see.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace mneme::fuzz {

// A folder of this process, gone when it ends in peace.
class Folder final {
  public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "mneme-fuzz-XXXXXX").string();
        if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
        path_ = name;
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path write(const std::string& name, const std::string& bytes) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary) << bytes;
        return path_ / name;
    }

  private:
    std::filesystem::path path_;
};

inline void want(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "%s\n", what);
    std::abort();
}

// A refusal is one line: where, what is wrong, what would be right.
template <class F> void refuse_or_read(F read) {
    try {
        read();
    } catch (const std::runtime_error& refused) { // mneme::Error is one
        const std::string text = refused.what();
        want(text.find(": ") != std::string::npos && text.find("; ") != std::string::npos, ("not a sentence of ours: " + text).c_str());
        want(text.find('\n') == std::string::npos, "a refusal of more than one line");
    }
}

} // namespace mneme::fuzz
