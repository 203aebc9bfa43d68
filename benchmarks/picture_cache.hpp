// SPDX-License-Identifier: Apache-2.0
// Pictures in a tree of folders, decoded once and kept in the cache folder. Private to this room.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace mneme::bench {

struct PictureTree {
    std::string name; // of the kept file, for people
    std::string rule; // how files become bytes, with a version
    std::filesystem::path root;
    std::vector<std::string> paths; // below the root, in the order of the result
    std::size_t bytes_each;         // what a picture becomes
};

struct DecodedPictures {
    std::string sha256;          // of the lines that sha256sum would print of the paths
    std::vector<uint8_t> pixels; // one picture after the other
};

// Every file is read and hashed at each call; decoding, which takes longer, is spared where the
// result for exactly these contents, paths and rule is kept. The kept file carries the digest of
// what it was made from and that of its own pixels; one that does not fit is ignored and written
// anew. Throws std::runtime_error for a file that cannot be read or changes meanwhile.
DecodedPictures decode_pictures(
    const PictureTree&,
    const std::function<std::vector<uint8_t>(const std::string& bytes, const std::string& name)>&
        decode);

} // namespace mneme::bench
