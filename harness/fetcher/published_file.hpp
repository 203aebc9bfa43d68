// SPDX-License-Identifier: Apache-2.0
// A file of a data set as its publisher offers it: where it comes from, and what it must be.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <benchmarks/dataset.hpp>

namespace mneme::fetcher {

struct PublishedFile {
    std::string path;
    std::vector<std::string> urls; // that may give it, in the order in which they are asked
    bool unpack = false;
    std::string md5; // of the file as it comes; empty: not published
};

std::string file_name(const std::string& path); // its last part

// Of a set, in the order of its sources. With mirrors, MIRROR/FILE instead of the sources.
std::vector<PublishedFile> published_files(const bench::DatasetInfo&,
                                           const std::vector<std::string>& mirrors);

// Why `file` is not what was published; empty where it is, or where only the whole set says so.
std::string objection(const bench::DatasetInfo&, const std::filesystem::path& file,
                      const PublishedFile&);

} // namespace mneme::fetcher
