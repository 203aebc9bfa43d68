// SPDX-License-Identifier: Apache-2.0
// Data sets as their original files give them. No LibTorch here. Errors: std::runtime_error,
// "where: what is wrong; what to do".
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
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

// What a value of an example is. Numbers are 32-bit floats; what is normalised is that of a task's
// stream (numbers.hpp), not of the file.
enum class ValueType { byte, float32 };

// What is done to the pictures of `folders` beyond what the files store (docs/benchmarks.md).
struct PictureKeys {
    bool resize = false; // larger pictures of any size become `shape`, by area average
    int64_t bits = 8;    // of a channel in the files, 8 or 16; 16 are scaled to 8
};

// How the columns of a CSV file are numbers and a class (table.cpp).
struct ColumnRule {
    std::string label;          // the column of the classes, by name
    int64_t label_number = 0;   // or by number from 1
    std::string separator;      // empty: the first of tab, semicolon and comma that line 1 has
    std::optional<bool> header; // whether line 1 has the columns' names; unset: it must be plain
};

// idx: training images, training labels, test images, test labels. cifar: records of `label_bytes`
// labels, of which the last counts, and the planes; the last file is the test split. omniglot:
// folders of PNG files (omniglot.cpp). clinc: texts and domains in JSON (clinc.cpp). csv: training
// texts, test texts, names of classes or no such file (csv.cpp). hdf5: training file, test file
// (hdf5.cpp). folders: a folder for training and one for test, in each a folder of pictures a class
// (folders.cpp). tiny_imagenet: as published (folders.cpp). npy: values and labels for training,
// the same for test (npy.cpp). table: training file, test file, in CSV (table.cpp).
enum class Format { idx, cifar, omniglot, clinc, csv, hdf5, folders, tiny_imagenet, npy, table };

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
               // they are. {features}: no picture. Of texts: {tokens, numbers of a vector}. Empty:
               // any
    std::string folder,
        archive; // what it unpacks to, other than `name`; a .tar.gz that is read as it is
    int64_t label_bytes = 1;           // cifar
    std::string this_copy, other_copy; // what to call files of `sha256` and of `another`
    int64_t examples = 0;              // for training, where the sizes of the files do not say it
    TextRule text{};
    std::vector<Source> sources{}; // empty: nothing to fetch
    ValueType values = ValueType::byte;
    std::string origin{};       // of numbers: what made them, for people; results carry it
    bool channels_last = false; // hdf5, npy: pictures are [rows, columns, channels] in the files
    std::vector<std::string> arrays{"x", "y", "x", "y"}; // hdf5: values and labels for training,
                                                         // values and labels for test
    ColumnRule columns{};                                // table
    PictureKeys pictures{};                              // folders

    bool is_text() const { return format == Format::clinc || format == Format::csv; }
    bool is_numbers() const { return values == ValueType::float32; }
    bool is_picture() const { return shape.size() != 1 && !is_text(); }
};

// Where every file of the set is: a folder (`folder`, `folder/<name>`, what it unpacks to; each
// file with and without .gz) or its archive. Empty: nowhere.
std::filesystem::path locate(const DatasetInfo&, const std::vector<std::filesystem::path>& folders);

struct Images {
    int64_t count = 0, channels = 1, rows = 0, columns = 0;
    // [count, channels, rows, columns]. Features are the columns of one row. Numbers: 32-bit
    // little-endian floats, four bytes each. A text is one of its tokens' ids a row, 32-bit
    // little-endian integers: 4 columns.
    std::vector<uint8_t> pixels;
    std::vector<uint16_t> labels; // [count]
};

struct Dataset {
    Images train, test;
    std::string payload_digest; // SHA-256 over the payload digests of the files (hex text) in their
                                // order. Several sets: with a space between
    int64_t classes = 0;
    ValueType values = ValueType::byte;
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
