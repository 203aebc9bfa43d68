// SPDX-License-Identifier: Apache-2.0
// Pictures in a tree of folders, decoded once. Private to this room.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace mneme::bench {

struct TreePlan {
    std::string name,
        rule; // of the kept file; `rule` says how pictures become bytes, with a version
    std::filesystem::path root;
    std::vector<std::string> paths; // below the root, in the order of the result
    std::size_t bytes_each;         // what a picture becomes
};

struct Tree {
    std::string sha256;          // of the lines that sha256sum would print of the paths
    std::vector<uint8_t> pixels; // one picture after the other
};

// Thousands of small files take seconds to open and decode, so the result is kept in the cache
// folder. A kept file is used when its name says that paths, sizes and times are the same, and its
// content has the SHA-256 that its first line promises. It is written under another name and
// renamed: two that build it at once do the same work twice and harm nobody.
Tree decoded_tree(const TreePlan&,
                  const std::function<std::vector<uint8_t>(const std::string& bytes,
                                                           const std::string& name)>& decode);

} // namespace mneme::bench
