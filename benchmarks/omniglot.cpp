// SPDX-License-Identifier: Apache-2.0
// Omniglot's folders: <set>/<alphabet>/<character>/<drawing>.png, 105 x 105, dark ink on white. Ours: ink 255 on 0, made smaller by area
// average. A class is a character; classes are numbered in the byte order of their folders' paths, images_background before
// images_evaluation, so an alphabet's characters stand together. Of a character's 20 drawings the first 16 in the order of their names are
// for training, 4 for test.
//
// 32,460 small files take seconds to open and decode, so the result is kept in the cache folder. A kept file is used when its name says
// that paths, sizes and times of the folders are the same and its content has the SHA-256 that its first line promises. It is written under
// another name and renamed: two that build it at once do the same work twice and harm nobody.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "input.hpp"
#include "png.hpp"

namespace mneme::bench {

namespace fs = std::filesystem;

namespace {

constexpr int64_t source_side = 105, drawings = 20, for_training = 16;
constexpr const char* version = "mneme omniglot 1"; // of the kept file and of the rule above

struct Listing {
    std::vector<std::string> paths; // in byte order, below the root
    std::vector<int64_t> classes;   // of each path
    std::string fingerprint;
};

Listing list(const DatasetInfo& info, const fs::path& root) {
    Listing listing;
    for (const char* set : {"images_background", "images_evaluation"})
        for (const auto& entry : fs::recursive_directory_iterator(root / set)) {
            const fs::path path = entry.path().lexically_relative(root);
            if (std::distance(path.begin(), path.end()) == 4 && path.extension() == ".png") listing.paths.push_back(path.string());
        }
    std::sort(listing.paths.begin(), listing.paths.end());
    Sha256 hash;
    std::string before;
    int64_t classes = 0, here = drawings;
    const auto full = [&](const std::string& folder, int64_t count) {
        if (count == drawings) return;
        throw std::runtime_error((root / folder).string() + ": has " + std::to_string(count) + " drawings; " + std::to_string(drawings) +
                                 " would be right; to get the set: " + info.how_to_get);
    };
    for (const auto& path : listing.paths) {
        const std::string folder = fs::path(path).parent_path().string();
        if (folder != before) {
            full(before, here);
            ++classes;
            here = 0;
            before = folder;
        }
        ++here;
        listing.classes.push_back(classes - 1);
        const fs::path file = root / path;
        hash.add(path + "\n" + std::to_string(fs::file_size(file)) + "\n" +
                 std::to_string(fs::last_write_time(file).time_since_epoch().count()) + "\n");
    }
    full(before, here);
    if (classes != info.classes)
        throw std::runtime_error(root.string() + ": has " + std::to_string(classes) + " characters; " + std::to_string(info.classes) +
                                 " would be right; to get the set: " + info.how_to_get);
    listing.fingerprint = hash.hex();
    return listing;
}

fs::path cache_file(const DatasetInfo& info, const Listing& listing) {
    const char *set = std::getenv("XDG_CACHE_HOME"), *home = std::getenv("HOME");
    fs::path folder = set ? set : "";
    if (!folder.is_absolute()) folder = fs::path(home ? home : "/nonexistent") / ".cache";
    return folder / "mneme" / (info.name + "-" + listing.fingerprint.substr(0, 16) + ".cache");
}

struct Decoded {
    std::string tree;            // SHA-256 of the tree: of the lines of sha256sum, in byte order of the paths
    std::vector<uint8_t> pixels; // one picture after the other, in the order of the paths
};

std::string sha256_of(const std::vector<uint8_t>& bytes) {
    Sha256 hash;
    hash.add(bytes.data(), bytes.size());
    return hash.hex();
}

std::string first_line(const Listing& listing, const Decoded& decoded) {
    return std::string(version) + " " + listing.fingerprint + " " + decoded.tree + " " + sha256_of(decoded.pixels);
}

// Empty pixels: nothing usable is kept.
Decoded kept(const fs::path& path, const Listing& listing, std::size_t bytes) {
    std::ifstream in(path, std::ios::binary);
    std::string line;
    if (!std::getline(in, line) || line.size() < 64 * 2 + 1) return {};
    Decoded decoded{line.substr(line.size() - 64 * 2 - 1, 64), std::vector<uint8_t>(bytes)};
    in.read(reinterpret_cast<char*>(decoded.pixels.data()), std::streamsize(bytes));
    const bool whole = in.gcount() == std::streamsize(bytes) && in.peek() == std::ifstream::traits_type::eof();
    if (!whole || line != first_line(listing, decoded)) return {};
    return decoded;
}

// A folder that cannot be written costs time only.
void keep(const fs::path& path, const Listing& listing, const Decoded& decoded) {
    std::error_code ignored;
    fs::create_directories(path.parent_path(), ignored);
    std::string draft = path.string() + ".XXXXXX";
    const int file = mkstemp(draft.data());
    if (file < 0) return;
    close(file);
    std::ofstream out(draft, std::ios::binary);
    out << first_line(listing, decoded) << '\n';
    out.write(reinterpret_cast<const char*>(decoded.pixels.data()), std::streamsize(decoded.pixels.size()));
    out.close();
    if (out) fs::rename(draft, path, ignored);
    fs::remove(draft, ignored);
}

Decoded decode(const DatasetInfo& info, const fs::path& root, const Listing& listing) {
    Decoded decoded;
    Sha256 tree;
    for (const auto& path : listing.paths) {
        std::ifstream in(root / path, std::ios::binary);
        const std::string bytes((std::istreambuf_iterator<char>(in)), {});
        Sha256 hash;
        hash.add(bytes);
        tree.add(hash.hex() + "  " + path + "\n");
        Picture picture = decode_png(bytes, (root / path).string(), source_side, source_side);
        for (uint8_t& pixel : picture.pixels) pixel = uint8_t(255 - pixel);
        const Picture small = shrink(picture, info.shape[1], info.shape[2]);
        decoded.pixels.insert(decoded.pixels.end(), small.pixels.begin(), small.pixels.end());
    }
    decoded.tree = tree.hex();
    return decoded;
}

} // namespace

std::vector<std::string> read_omniglot(const DatasetInfo& info, const Place& place, Dataset& into) {
    const Listing listing = list(info, place.path);
    const int64_t width = info.shape[1] * info.shape[2];
    const fs::path cache = cache_file(info, listing);
    Decoded decoded = kept(cache, listing, listing.paths.size() * std::size_t(width));
    if (decoded.pixels.empty()) {
        decoded = decode(info, place.path, listing);
        keep(cache, listing, decoded);
    }
    const std::string& published = info.files[0].sha256;
    if (!published.empty() && decoded.tree != published)
        throw std::runtime_error(place.path.string() + ": is not the published tree (SHA-256 of its files' sums " + decoded.tree + "); " +
                                 published + " would be right; to get the set: " + info.how_to_get);
    for (std::size_t i = 0; i < listing.paths.size(); ++i) {
        Images& part = int64_t(i) % drawings < for_training ? into.train : into.test;
        part.rows = info.shape[1];
        part.columns = info.shape[2];
        part.count += 1;
        part.labels.push_back(uint16_t(listing.classes[i] + into.classes));
        const auto first = decoded.pixels.begin() + std::ptrdiff_t(i) * width;
        part.pixels.insert(part.pixels.end(), first, first + width);
    }
    return {decoded.tree};
}

} // namespace mneme::bench
