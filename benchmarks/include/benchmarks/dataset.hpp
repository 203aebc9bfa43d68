// SPDX-License-Identifier: Apache-2.0
// Data sets as their original files give them. No LibTorch here. Errors: std::runtime_error,
// "where: what is wrong; what to do".
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace mneme::bench {

struct DatasetFile {
    std::string name;      // without .gz
    uint64_t bytes = 0;    // of the decompressed payload
    std::string sha256;    // of the decompressed payload; empty: any (a user's own)
    std::string another{}; // SHA-256 of another copy that is accepted
};

// A file of the official source.
struct Source {
    std::string path, url; // where it goes, below a data folder
    bool unpack = false;   // a zip file: its content goes to the set's folder
    std::string md5{};     // of the file as it comes; empty: not published
};

// How texts become ids and vectors (benchmarks/text.hpp). The length in tokens and the numbers of a
// vector are the set's shape.
struct TextRule {
    int64_t seed = 0; // of vectors drawn from the words; without `vocabulary`
    std::string vocabulary,
        vectors; // files: vocab.txt of WordPiece, safetensors with a vector for each of its tokens
    std::string tensor; // in the latter; empty: the word embeddings
};

// idx: training images, training labels, test images, test labels. cifar: records of `label_bytes`
// labels, of which the last counts, and the planes; the last file is the test split. omniglot:
// folders of PNG files (omniglot.cpp). clinc: texts and domains in JSON (clinc.cpp). csv: training
// texts, test texts, names of classes or no such file (csv.cpp). hdf5: training file, test file
// (hdf5.cpp). folders: a folder for training and one for test, in each a folder of pictures a class
// (folders.cpp). tiny_imagenet: as published (folders.cpp).
enum class Format { idx, cifar, omniglot, clinc, csv, hdf5, folders, tiny_imagenet };

struct DatasetInfo {
    std::string name, title, licence, citation;
    std::string how_to_get;         // one command or sentence
    std::vector<DatasetFile> files; // omniglot: one, its SHA-256 that of the whole tree
    std::vector<std::string>
        default_folders; // where a distribution puts it, or beside a user's description
    int64_t classes = 0;
    Format format = Format::idx;
    std::vector<int64_t>
        shape; // {rows, columns}: a network sees one row of pixels. {channels, rows, columns}: as
               // they are. Of texts: {tokens, numbers of a vector}. Empty: any
    std::string folder,
        archive; // what it unpacks to, other than `name`; a .tar.gz that is read as it is
    int64_t label_bytes = 1;           // cifar
    std::string this_copy, other_copy; // what to call files of `sha256` and of `another`
    int64_t examples = 0;              // for training, where the sizes of the files do not say it
    TextRule text{};
    std::vector<Source> sources{}; // empty: nothing to fetch

    bool is_text() const { return format == Format::clinc || format == Format::csv; }
};

// Where every file of the set is: a folder (`folder`, `folder/<name>`, what it unpacks to; each
// file with and without .gz) or its archive. Empty: nowhere.
std::filesystem::path locate(const DatasetInfo&, const std::vector<std::filesystem::path>& folders);

struct Images {
    int64_t count = 0, channels = 1, rows = 0, columns = 0;
    // [count, channels, rows, columns]. A text is one of its tokens' ids a row, 32-bit
    // little-endian integers: 4 columns.
    std::vector<uint8_t> pixels;
    std::vector<uint16_t> labels; // [count]
};

struct Dataset {
    Images train, test;
    std::string payload_digest; // SHA-256 over the payload digests of the files (hex text) in their
                                // order. Several sets: with a space between
    int64_t classes = 0;
    std::string
        copy; // which of the known copies was read, or the rule of texts; empty where there is one
    std::vector<float> table;               // texts: [ids, numbers of a vector]
    std::vector<std::string> ignored_files; // in the set's folder or archive, but not read
};

// Reads and verifies. A missing set: one sentence that says which files are wanted, where, and how
// to get them.
Dataset load(const DatasetInfo&, const std::vector<std::filesystem::path>& folders);
// Several sets as one: their images one after the other, and the labels of each behind those of the
// sets before it. Held once.
Dataset load(const std::vector<DatasetInfo>&, const std::vector<std::filesystem::path>& folders);

// Verifies only (every byte is read): the payload digest.
std::string verify(const DatasetInfo&, const std::vector<std::filesystem::path>& folders);

// One idx file of unsigned bytes in one, three or four dimensions, plain or gz. Checks magic, sizes
// and length; fuzz-safe.
struct Idx {
    std::vector<int64_t> shape;
    std::vector<uint8_t> data;
    std::string sha256;
    uint64_t bytes = 0;
};
Idx read_idx(const std::filesystem::path&);

} // namespace mneme::bench
