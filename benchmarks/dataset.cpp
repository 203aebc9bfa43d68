// SPDX-License-Identifier: Apache-2.0
#include <base/sha256.hpp>
#include <benchmarks/dataset.hpp>

#include <algorithm>
#include <stdexcept>

#include "input.hpp"

namespace mneme::bench {

namespace fs = std::filesystem;

fs::path file_in(const fs::path& folder, const std::string& name) {
    std::error_code ignored; // a folder that cannot be read holds nothing
    for (const char* ending : {"", ".gz"})
        if (fs::is_regular_file(folder / (name + ending), ignored)) return folder / (name + ending);
    return {};
}

namespace {

std::vector<fs::path> candidates(const DatasetInfo& info, const std::vector<fs::path>& folders) {
    std::vector<fs::path> all;
    for (const auto& folder : folders) {
        all.push_back(folder);
        all.push_back(folder / info.name);
        if (!info.folder.empty()) all.push_back(folder / info.folder);
    }
    all.insert(all.end(), info.default_folders.begin(), info.default_folders.end());
    return all;
}

std::vector<std::string> wanted(const DatasetInfo& info) {
    if (info.format == Format::omniglot) return {"images_background", "images_evaluation"};
    if (info.format == Format::tiny_imagenet) return {"train", "val"};
    std::vector<std::string> names;
    for (const auto& file : info.files) names.push_back(file.name);
    return names;
}

bool holds_folders(const DatasetInfo& info) {
    return info.format == Format::omniglot || info.format == Format::tiny_imagenet ||
           info.format == Format::folders;
}

bool is_here(const DatasetInfo& info, const fs::path& folder, const std::string& name) {
    std::error_code ignored;
    return holds_folders(info) ? fs::is_directory(folder / name, ignored)
                               : !file_in(folder, name).empty();
}

// The first of the given folders that have the fewest files missing; an archive has none missing.
struct Found {
    Place place;
    std::vector<std::string> missing;
};

Found best_place(const DatasetInfo& info, const std::vector<fs::path>& folders) {
    const auto names = wanted(info);
    Found best{{}, names};
    for (const auto& folder : candidates(info, folders)) {
        Found found{{folder, false}, {}};
        for (const auto& name : names)
            if (!is_here(info, folder, name)) found.missing.push_back(name);
        std::error_code ignored;
        if (!found.missing.empty() && !info.archive.empty() &&
            fs::is_regular_file(folder / info.archive, ignored))
            found = {{folder / info.archive, true}, {}};
        if (found.missing.size() < best.missing.size()) best = found;
    }
    return best;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

[[noreturn]] void report_missing(const DatasetInfo& info, const std::vector<fs::path>& folders,
                                 const Found& found) {
    std::vector<std::string> looked;
    for (const auto& folder : candidates(info, folders)) looked.push_back(folder.string());
    const std::string where = found.place.path.empty()
                                  ? "data set " + info.name
                                  : "data set " + info.name + " in " + found.place.path.string();
    throw std::runtime_error(
        where + ": " + joined(found.missing) + (holds_folders(info) ? "" : " (plain or .gz)") +
        (info.archive.empty() ? "" : ", or else " + info.archive + ",") + " not found; looked in " +
        (looked.empty() ? "no folder" : joined(looked)) + "; to get the set: " + info.how_to_get);
}

// Which copy the digests are of.
std::string copy_read(const DatasetInfo& info, const std::vector<std::string>& digests) {
    std::size_t others = 0;
    if (info.this_copy.empty() && info.other_copy.empty()) return {};
    for (std::size_t f = 0; f < digests.size(); ++f) others += digests[f] == info.files[f].another;
    return others == 0                ? info.this_copy
           : others == digests.size() ? info.other_copy
                                      : "files of two copies";
}

auto reader_of(Format format) {
    switch (format) {
        case Format::cifar: return read_cifar;
        case Format::omniglot: return read_omniglot;
        case Format::clinc: return read_clinc;
        case Format::csv: return read_csv;
        case Format::hdf5: return read_hdf5;
        case Format::folders: return read_folders;
        case Format::tiny_imagenet: return read_tiny_imagenet;
        case Format::npy: return read_npy;
        case Format::table: return read_table;
        case Format::idx: break;
    }
    return read_idx_set;
}

// Of every class.
void expect_examples(const DatasetInfo& info, const Place& place, const Dataset& data) {
    std::vector<bool> seen(std::size_t(info.classes), false);
    for (uint16_t label : data.train.labels)
        if (label >= data.classes)
            seen[std::size_t(label - data.classes)] = true; // lower ones are of the sets before
    const auto empty = std::find(seen.begin(), seen.end(), false);
    if (empty != seen.end())
        throw std::runtime_error("data set " + info.name + " in " + place.path.string() +
                                 ": class " + std::to_string(empty - seen.begin()) +
                                 " (from 0) has no training example; expected one or more");
}

void append(const DatasetInfo& info, const std::vector<fs::path>& folders, Dataset& data) {
    const Found found = best_place(info, folders);
    if (!found.missing.empty()) report_missing(info, folders, found);
    auto digests = reader_of(info.format)(info, found.place, data);
    expect_examples(info, found.place, data);
    if (info.is_text()) digests.push_back(data.copy);
    base::Sha256 hash;
    for (const auto& digest : digests) hash.add(digest);
    data.payload_digest += (data.payload_digest.empty() ? "" : " ") + hash.hex();
    if (!info.is_text()) data.copy = copy_read(info, digests);
    data.classes += info.classes;
    data.values = info.values;
}

} // namespace

fs::path locate(const DatasetInfo& info, const std::vector<fs::path>& folders) {
    const Found found = best_place(info, folders);
    return found.missing.empty() ? found.place.path : fs::path();
}

Dataset load(const DatasetInfo& info, const std::vector<fs::path>& folders) {
    return load(std::vector{info}, folders);
}

Dataset load(const std::vector<DatasetInfo>& sets, const std::vector<fs::path>& folders) {
    Dataset data;
    if (sets.size() > 1) { // room for all at once, so that growing never holds two copies
        std::size_t bytes = 0;
        for (const auto& info : sets)
            for (const auto& file : info.files) bytes += std::size_t(file.bytes);
        data.train.pixels.reserve(bytes);
    }
    for (const auto& info : sets) append(info, folders, data);
    return data;
}

std::string verify(const DatasetInfo& info, const std::vector<fs::path>& folders) {
    return load(info, folders).payload_digest;
}

} // namespace mneme::bench
