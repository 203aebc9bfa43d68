// SPDX-License-Identifier: Apache-2.0
// Omniglot's folders: <set>/<alphabet>/<character>/<drawing>.png, 105 x 105, dark ink on white.
// Ours: ink 255 on 0, made smaller by area average. A class is a character; classes are numbered in
// the byte order of their folders' paths, images_background before images_evaluation, so an
// alphabet's characters stand together. Of a character's 20 drawings the first 16 in the order of
// their names are for training, 4 for test.
#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "input.hpp"
#include "picture_cache.hpp"
#include "pictures.hpp"

namespace mneme::bench {

namespace fs = std::filesystem;

namespace {

constexpr int64_t source_side = 105, drawings = 20, for_training = 16;
constexpr const char* version = "mneme omniglot 1"; // of the kept file and of the rule above

struct Listing {
    std::vector<std::string> paths;   // in byte order, below the root
    std::vector<int64_t> classes;     // of each path
    std::vector<std::string> ignored; // other files
};

Listing list(const DatasetInfo& info, const fs::path& root) {
    Listing listing;
    for (const char* set : {"images_background", "images_evaluation"})
        for (const auto& entry : fs::recursive_directory_iterator(root / set)) {
            const fs::path path = entry.path().lexically_relative(root);
            const bool drawing =
                std::distance(path.begin(), path.end()) == 4 && path.extension() == ".png";
            if (drawing) listing.paths.push_back(path.string());
            else if (!entry.is_directory()) listing.ignored.push_back(path.string());
        }
    std::sort(listing.paths.begin(), listing.paths.end());
    std::string before;
    int64_t classes = 0, here = drawings;
    const auto full = [&](const std::string& folder, int64_t count) {
        if (count == drawings) return;
        throw std::runtime_error((root / folder).string() + ": has " + std::to_string(count) +
                                 " drawings; expected " + std::to_string(drawings) +
                                 "; to get the set: " + info.how_to_get);
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
    }
    full(before, here);
    if (classes != info.classes)
        throw std::runtime_error(root.string() + ": has " + std::to_string(classes) +
                                 " characters; expected " + std::to_string(info.classes) +
                                 "; to get the set: " + info.how_to_get);
    return listing;
}

} // namespace

std::vector<std::string> read_omniglot(const DatasetInfo& info, const Place& place, Dataset& into) {
    const Listing listing = list(info, place.path);
    into.ignored_files.insert(into.ignored_files.end(), listing.ignored.begin(),
                              listing.ignored.end());
    const int64_t width = info.shape[1] * info.shape[2];
    const DecodedPictures decoded = decode_pictures(
        {info.name, version, place.path, listing.paths, std::size_t(width)},
        [&](const std::string& bytes, const std::string& name) {
            Picture picture = decode_png(bytes, name, {1, source_side, source_side});
            for (uint8_t& pixel : picture.pixels) pixel = uint8_t(255 - pixel);
            return shrink(picture, info.shape[1], info.shape[2]).pixels;
        });
    const std::string& published = info.files[0].sha256;
    if (!published.empty() && decoded.sha256 != published)
        throw std::runtime_error(
            place.path.string() + ": is not the published tree (SHA-256 of its files' sums " +
            decoded.sha256 + "); expected " + published + "; to get the set: " + info.how_to_get);
    for (std::size_t i = 0; i < listing.paths.size(); ++i) {
        Images& part = int64_t(i) % drawings < for_training ? into.train : into.test;
        part.rows = info.shape[1];
        part.columns = info.shape[2];
        part.count += 1;
        part.labels.push_back(uint16_t(listing.classes[i] + into.classes));
        const auto first = decoded.pixels.begin() + std::ptrdiff_t(i) * width;
        part.pixels.insert(part.pixels.end(), first, first + width);
    }
    return {decoded.sha256};
}

} // namespace mneme::bench
