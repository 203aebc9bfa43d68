// SPDX-License-Identifier: Apache-2.0
// What the description of a data set says of each format: its keys, and the files that they name.
#pragma once

#include <string>
#include <vector>

#include <benchmarks/dataset.hpp>

#include "plan/check.hpp"

namespace mneme::harness {

// A key that names a file, or several, beside the description.
struct FileKey {
    std::string key;
    bool several = false, optional = false;
};

// What a description says of each format, besides what all say.
struct DatasetLayout {
    std::string word;
    bench::Format format;
    std::vector<FileKey> files;
    bool classes, shape, texts; // whether it says these; those of a built-in set are known
    Names more = {};            // keys of this format alone

    bool another_rule() const { return files.empty() && texts; } // for a built-in set's texts
    bool tree() const { return files.empty() && !texts; }        // its one "file" is the whole
};

const DatasetLayout& layout_of(const Node& root); // by `format`, idx where there is none
Names keys_of(const DatasetLayout&);              // those that such a description may have

} // namespace mneme::harness
