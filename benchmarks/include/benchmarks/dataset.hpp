// SPDX-License-Identifier: Apache-2.0
// Data sets as their original files give them. No LibTorch here. Errors: std::runtime_error, "where: what is wrong; what would be
// right".
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace mneme::bench {

struct DatasetFile {
    std::string name;   // without .gz
    uint64_t bytes;     // of the decompressed payload
    std::string sha256; // of the decompressed payload
};

struct DatasetInfo {
    std::string name, title, licence, citation;
    std::string how_to_get;                   // one command or sentence
    std::vector<DatasetFile> files;           // train images, train labels, test images, test labels
    std::vector<std::string> default_folders; // where a distribution puts it
    int64_t classes = 0;
};

const std::vector<DatasetInfo>& datasets();
const DatasetInfo& dataset(const std::string& name); // throws, with the nearest known name

// The folder that holds every file of the set (`folder`, `folder/<name>`, each with and without .gz), or empty.
std::filesystem::path locate(const DatasetInfo&, const std::vector<std::filesystem::path>& folders);

struct Images {
    int64_t count = 0, channels = 1, rows = 0, columns = 0;
    std::vector<uint8_t> pixels; // [count, channels, rows, columns]
    std::vector<uint8_t> labels; // [count]
};

struct Dataset {
    Images train, test;
    std::string payload_digest; // SHA-256 over the four payload digests (hex text) in file order, one after the other
    int64_t classes = 0;
};

// Reads and verifies. A missing set: one sentence that says which files are wanted, where, and how to get them.
Dataset load(const DatasetInfo&, const std::vector<std::filesystem::path>& folders);

// Verifies only (every byte is read): the payload digest.
std::string verify(const DatasetInfo&, const std::vector<std::filesystem::path>& folders);

// One idx file, plain or gz. Checks magic, sizes and length; fuzz-safe.
struct Idx {
    std::vector<int64_t> shape;
    std::vector<uint8_t> data;
    std::string sha256;
    uint64_t bytes = 0;
};
Idx read_idx(const std::filesystem::path&);

// SHA-256 of what was added, as 64 hex digits; hex() ends it.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&); // goes on from the same beginning
    Sha256& operator=(const Sha256&) = delete;
    void add(const void* data, std::size_t bytes);
    void add(const std::string& text) { add(text.data(), text.size()); }
    std::string hex();

  private:
    void* state_;
};

// The known name nearest to a misspelt one (edit distance), or empty when none is near. For messages.
std::string nearest(const std::string& word, const std::vector<std::string>& known);

} // namespace mneme::bench
