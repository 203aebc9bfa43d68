// SPDX-License-Identifier: Apache-2.0
#include "picture_cache.hpp"

#include <unistd.h>

#include <algorithm>
#include <span>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include <base/atomic_file.hpp>
#include <base/folders.hpp>
#include <base/regular_file.hpp>
#include <base/sha256.hpp>

namespace mneme::bench {

namespace fs = std::filesystem;

namespace {

constexpr uint64_t most_picture_bytes = uint64_t{1} << 28; // of one file
constexpr std::size_t kept_versions = 4;                   // of one name
constexpr std::size_t trailer_bytes = 2 * 64 + 2;          // "KEY PIXELS\n" behind the pixels

std::string content_of(const PictureTree& tree, const std::string& path) {
    return base::read_file(tree.root / path, most_picture_bytes, base::Links::follow);
}

// The digest of each file, in order.
std::vector<std::string> digests_of(const PictureTree& tree) {
    std::vector<std::string> digests;
    digests.reserve(tree.paths.size());
    for (const auto& path : tree.paths) digests.push_back(base::sha256_of(content_of(tree, path)));
    return digests;
}

std::string tree_digest(const PictureTree& tree, const std::vector<std::string>& digests) {
    base::Sha256 sums;
    for (std::size_t i = 0; i < digests.size(); ++i)
        sums.add(digests[i] + "  " + tree.paths[i] + "\n");
    return sums.hex();
}

std::string key_of(const PictureTree& tree, const std::string& sha256) {
    return base::sha256_of(tree.rule + "\n" + std::to_string(tree.bytes_each) + "\n" + sha256);
}

std::string trailer_of(const std::string& key, const std::vector<uint8_t>& pixels) {
    const std::string_view bytes(reinterpret_cast<const char*>(pixels.data()), pixels.size());
    return key + " " + base::sha256_of(bytes) + "\n";
}

bool read_whole(int file, char* to, std::size_t bytes) {
    while (bytes > 0) {
        const ssize_t n = ::read(file, to, bytes);
        if (n <= 0) return false;
        to += n;
        bytes -= std::size_t(n);
    }
    return true;
}

// Empty where no usable file is kept.
std::vector<uint8_t> kept_pixels(const fs::path& path, const std::string& key, std::size_t bytes) {
    try {
        const base::Descriptor file = base::open_regular(path);
        if (fs::file_size(path) != bytes + trailer_bytes) return {};
        std::vector<uint8_t> pixels(bytes);
        std::string trailer(trailer_bytes, '\0');
        if (read_whole(file.number(), reinterpret_cast<char*>(pixels.data()), bytes) &&
            read_whole(file.number(), trailer.data(), trailer.size()) &&
            trailer == trailer_of(key, pixels))
            return pixels;
    } catch (const std::runtime_error&) { // it is not there, or nothing that we would read
    }
    return {};
}

// Of the files that earlier contents of this tree have left, the newest few stay.
void remove_old_versions(const fs::path& folder, const std::string& name) {
    std::vector<std::pair<fs::file_time_type, fs::path>> found;
    std::error_code ignored;
    for (fs::directory_iterator at(folder, ignored), end; !ignored && at != end;
         at.increment(ignored)) {
        const std::string file = at->path().filename().string();
        const bool ours =
            file.size() == name.size() + std::string_view("-0123456789abcdef.cache").size() &&
            file.rfind(name + "-", 0) == 0 && file.ends_with(".cache");
        if (ours) found.emplace_back(at->last_write_time(ignored), at->path());
    }
    std::sort(found.rbegin(), found.rend());
    for (std::size_t i = kept_versions; i < found.size(); ++i) fs::remove(found[i].second, ignored);
}

// A folder that cannot be written costs time only.
void keep(const fs::path& path, const std::string& name, const std::string& key,
          std::vector<uint8_t>& pixels) {
    const std::size_t bytes = pixels.size();
    const std::string trailer = trailer_of(key, pixels);
    pixels.insert(pixels.end(), trailer.begin(), trailer.end());
    try {
        std::error_code ignored;
        fs::create_directories(path.parent_path(), ignored);
        base::remove_abandoned_files(path.parent_path());
        base::replace_file(path, std::as_bytes(std::span(pixels)));
        remove_old_versions(path.parent_path(), name);
    } catch (const std::runtime_error&) {
    }
    pixels.resize(bytes);
}

} // namespace

DecodedPictures decode_pictures(
    const PictureTree& tree,
    const std::function<std::vector<uint8_t>(const std::string&, const std::string&)>& decode) {
    const auto digests = digests_of(tree);
    DecodedPictures decoded{tree_digest(tree, digests), {}};
    const std::string key = key_of(tree, decoded.sha256);
    const fs::path file = base::cache_folder() / (tree.name + "-" + key.substr(0, 16) + ".cache");
    const std::size_t bytes = tree.paths.size() * tree.bytes_each;
    decoded.pixels = kept_pixels(file, key, bytes);
    if (!decoded.pixels.empty()) return decoded;
    decoded.pixels.reserve(bytes + trailer_bytes);
    for (std::size_t i = 0; i < tree.paths.size(); ++i) {
        const std::string name = (tree.root / tree.paths[i]).string();
        const std::string content = content_of(tree, tree.paths[i]);
        if (base::sha256_of(content) != digests[i])
            throw std::runtime_error(name +
                                     ": changed while the data set was read; read it again "
                                     "when nothing writes to it");
        const auto pixels = decode(content, name);
        decoded.pixels.insert(decoded.pixels.end(), pixels.begin(), pixels.end());
    }
    keep(file, tree.name, key, decoded.pixels);
    return decoded;
}

} // namespace mneme::bench
