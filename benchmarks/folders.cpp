// SPDX-License-Identifier: Apache-2.0
// Pictures in folders, PNG or JPEG.
//   folders        a user's own: <train>/<class>/<picture>, <test>/<class>/<picture>. Classes are
//                  numbered in the byte order of the training folder's names. All of one size, or
//                  made smaller to one.
//   tiny_imagenet  as published: train/<class>/images/<picture>; the published validation pictures,
//                  val/images/<picture> with their classes in val/val_annotations.txt, are the test
//                  split, since the published test pictures have no labels. Classes as above. All
//                  of one size.
#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "classes.hpp"
#include "input.hpp"
#include "picture_cache.hpp"
#include "pictures.hpp"

#include <base/sha256.hpp>

namespace mneme::bench {

namespace fs = std::filesystem;

namespace {

struct Listing {
    std::vector<std::string> paths;   // below the root, in byte order; training first
    std::vector<int64_t> labels;      // of each path
    std::size_t training = 0;         // how many are for training
    std::vector<std::string> ignored; // paths of files and folders that are not read
};

bool is_picture(const fs::directory_entry& entry) {
    std::string ending = entry.path().extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return entry.is_regular_file() && (ending == ".png" || ending == ".jpg" || ending == ".jpeg");
}

// The wanted names in a folder, sorted. The paths of other entries below `root` go to `ignored`.
template <class Wanted>
std::vector<std::string> names_in(const fs::path& root, const fs::path& folder, Wanted wanted,
                                  std::vector<std::string>& ignored) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(root / folder)) {
        const std::string name = entry.path().filename().string();
        if (wanted(entry) && name[0] != '.') names.push_back(name);
        else ignored.push_back((folder / name).string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::string> folders_in(const fs::path& root, const fs::path& folder,
                                    std::vector<std::string>& ignored) {
    const auto wanted = [](const auto& entry) { return entry.is_directory(); };
    return names_in(root, folder, wanted, ignored);
}

ClassNames classes_of(const DatasetInfo& info, const fs::path& root, const std::string& folder) {
    ClassNames classes(info.classes, (root / folder).string());
    std::vector<std::string> ignored; // add_folders lists them
    for (const auto& name : folders_in(root, folder, ignored)) classes.add(name);
    classes.expect_all();
    return classes;
}

// <below>/<class>/<inner>/<picture>
void add_folders(const fs::path& root, const std::string& below, const std::string& inner,
                 const ClassNames& classes, Listing& listing) {
    for (const auto& name : folders_in(root, below, listing.ignored)) {
        const fs::path folder = fs::path(below) / name / inner;
        const int64_t label = classes.number(name, (root / below).string(), "the folder " + name);
        if (!fs::is_directory(root / folder))
            throw std::runtime_error((root / folder).string() +
                                     ": not found; expected a folder of pictures");
        if (!inner.empty())
            names_in(
                root, fs::path(below) / name,
                [&](const auto& entry) { return entry.path().filename() == inner; },
                listing.ignored);
        for (const auto& picture : names_in(root, folder, is_picture, listing.ignored)) {
            listing.paths.push_back((folder / picture).string());
            listing.labels.push_back(label);
        }
    }
}

// Lines of a picture's name, its class and more, with tabs between.
void add_annotated(const fs::path& root, const ClassNames& classes, Listing& listing) {
    const fs::path file = root / "val" / "val_annotations.txt";
    std::ifstream in(file);
    if (!in)
        throw std::runtime_error(file.string() +
                                 ": cannot be opened; expected the file as published");
    std::vector<std::pair<std::string, int64_t>> rows;
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
        const std::string place = "line " + std::to_string(++number);
        std::istringstream words(line);
        std::string picture, name;
        if (!(words >> picture >> name) || fs::path(picture).filename() != picture)
            throw std::runtime_error(
                file.string() + ": " + place +
                " does not name a picture and its class; expected the file as published");
        if (!fs::is_regular_file(root / "val" / "images" / picture))
            throw std::runtime_error(
                file.string() + ": " + place + " names " + picture +
                ", which is not in val/images; expected the file as published");
        rows.emplace_back("val/images/" + picture, classes.number(name, file.string(), place));
    }
    std::sort(rows.begin(), rows.end());
    for (const auto& [path, label] : rows)
        listing.paths.push_back(path), listing.labels.push_back(label);
}

PictureRule rule_of(const DatasetInfo& info, const std::vector<int64_t>& shape) {
    PictureRule rule{shape[0], shape[1], shape[2], info.pictures.resize, int(info.pictures.bits)};
    if (info.format == Format::folders) {
        rule.size_remedy = ", or resize = \"area\" in the data set's description";
        rule.bits_remedy = ", or add bits = 16 to the data set's description";
    }
    return rule;
}

// What changes the pixels that come of the files; empty for the defaults.
std::string changes_by(const PictureKeys& keys) {
    return std::string(keys.resize ? " area" : "") + (keys.bits == 16 ? " 16 bits" : "");
}

std::string read_listing(const DatasetInfo& info, const fs::path& root, const Listing& listing,
                         Dataset& into) {
    if (listing.training == listing.paths.size())
        throw std::runtime_error(root.string() +
                                 ": has no pictures for test; expected one or more");
    std::vector<int64_t> shape = info.shape;
    if (shape.size() == 2) shape.insert(shape.begin(), 1);
    const auto bytes = std::size_t(shape[0] * shape[1] * shape[2]);
    const PictureRule rule = rule_of(info, shape);
    const std::string changes = changes_by(info.pictures);
    DecodedPictures tree = decode_pictures(
        {info.name, "mneme pictures 2 " + times(shape) + changes, root, listing.paths, bytes},
        [&](const std::string& content, const std::string& name) {
            return decode_picture(content, name, rule).pixels;
        });
    into.ignored_files.insert(into.ignored_files.end(), listing.ignored.begin(),
                              listing.ignored.end());
    for (std::size_t i = 0; i < listing.labels.size(); ++i)
        (i < listing.training ? into.train : into.test)
            .labels.push_back(uint16_t(listing.labels[i] + into.classes));
    const auto test_pixels = tree.pixels.begin() + std::ptrdiff_t(listing.training * bytes);
    append_images(into.test, shape, int64_t(listing.paths.size() - listing.training),
                  {test_pixels, tree.pixels.end()});
    tree.pixels.erase(test_pixels, tree.pixels.end());
    append_images(into.train, shape, int64_t(listing.training), std::move(tree.pixels));
    // The classes of annotated pictures stand in no path.
    base::Sha256 hash;
    hash.add(tree.sha256);
    for (int64_t label : listing.labels) hash.add(" " + std::to_string(label));
    hash.add(changes);
    return hash.hex();
}

} // namespace

std::vector<std::string> read_folders(const DatasetInfo& info, const Place& place, Dataset& into) {
    const std::string &train = info.files[0].name, &test = info.files[1].name;
    const ClassNames classes = classes_of(info, place.path, train);
    Listing listing;
    add_folders(place.path, train, "", classes, listing);
    listing.training = listing.paths.size();
    add_folders(place.path, test, "", classes, listing);
    return {read_listing(info, place.path, listing, into)};
}

std::vector<std::string> read_tiny_imagenet(const DatasetInfo& info, const Place& place,
                                            Dataset& into) {
    const ClassNames classes = classes_of(info, place.path, "train");
    Listing listing;
    add_folders(place.path, "train", "images", classes, listing);
    listing.training = listing.paths.size();
    add_annotated(place.path, classes, listing);
    return {read_listing(info, place.path, listing, into)};
}

} // namespace mneme::bench
