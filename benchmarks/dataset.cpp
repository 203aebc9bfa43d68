// SPDX-License-Identifier: Apache-2.0
#include <benchmarks/dataset.hpp>

#include <algorithm>
#include <stdexcept>

namespace mneme::bench {

namespace fs = std::filesystem;

namespace {

// The plain file, or else its .gz, or an empty path.
fs::path file_in(const fs::path& folder, const std::string& name) {
    std::error_code ignored; // a folder that cannot be read holds nothing
    for (const char* ending : {"", ".gz"})
        if (fs::is_regular_file(folder / (name + ending), ignored)) return folder / (name + ending);
    return {};
}

std::vector<fs::path> candidates(const DatasetInfo& info, const std::vector<fs::path>& folders) {
    std::vector<fs::path> all;
    for (const auto& folder : folders) {
        all.push_back(folder);
        all.push_back(folder / info.name);
    }
    all.insert(all.end(), info.default_folders.begin(), info.default_folders.end());
    return all;
}

// The first of the given folders that have the fewest files missing.
struct Place {
    fs::path folder;
    std::vector<std::string> missing;
};

Place best_place(const DatasetInfo& info, const std::vector<fs::path>& folders) {
    Place best;
    for (const auto& file : info.files) best.missing.push_back(file.name);
    for (const auto& folder : candidates(info, folders)) {
        Place place{folder, {}};
        for (const auto& file : info.files)
            if (file_in(folder, file.name).empty()) place.missing.push_back(file.name);
        if (place.missing.size() < best.missing.size()) best = place;
    }
    return best;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

[[noreturn]] void report_missing(const DatasetInfo& info, const std::vector<fs::path>& folders, const Place& place) {
    std::vector<std::string> looked;
    for (const auto& folder : candidates(info, folders)) looked.push_back(folder.string());
    const std::string where = place.folder.empty() ? "data set " + info.name : "data set " + info.name + " in " + place.folder.string();
    throw std::runtime_error(where + ": " + joined(place.missing) + " (plain or .gz) not found; looked in " +
                             (looked.empty() ? "no folder" : joined(looked)) + "; to get the set: " + info.how_to_get);
}

Images read_images(const DatasetInfo& info, const fs::path& folder, std::size_t first, std::string& digests) {
    const fs::path pixels_path = file_in(folder, info.files[first].name), labels_path = file_in(folder, info.files[first + 1].name);
    Idx pixels = read_idx(pixels_path), labels = read_idx(labels_path);
    if (pixels.shape.size() != 3) throw std::runtime_error(pixels_path.string() + ": holds labels; images (0x00000803) would be right");
    if (labels.shape.size() != 1) throw std::runtime_error(labels_path.string() + ": holds images; labels (0x00000801) would be right");
    if (pixels.shape[0] != labels.shape[0])
        throw std::runtime_error(labels_path.string() + ": has " + std::to_string(labels.shape[0]) + " labels; " +
                                 std::to_string(pixels.shape[0]) + ", one for each image of " + pixels_path.filename().string() +
                                 ", would be right");
    const auto highest = std::max_element(labels.data.begin(), labels.data.end());
    if (*highest >= info.classes)
        throw std::runtime_error(labels_path.string() + ": label " + std::to_string(highest - labels.data.begin()) + " (from 0) is " +
                                 std::to_string(*highest) + "; 0 to " + std::to_string(info.classes - 1) + " would be right");
    const Idx* read[] = {&pixels, &labels};
    const fs::path* paths[] = {&pixels_path, &labels_path};
    for (std::size_t i = 0; i < 2; ++i) {
        const DatasetFile& published = info.files[first + i];
        if (read[i]->sha256 != published.sha256)
            throw std::runtime_error(paths[i]->string() + ": is not the published file (SHA-256 of its content " + read[i]->sha256 + "); " +
                                     published.sha256 + " would be right; to get the set: " + info.how_to_get);
        digests += read[i]->sha256;
    }
    Images images;
    images.count = pixels.shape[0];
    images.rows = pixels.shape[1];
    images.columns = pixels.shape[2];
    images.pixels = std::move(pixels.data);
    images.labels = std::move(labels.data);
    return images;
}

} // namespace

fs::path locate(const DatasetInfo& info, const std::vector<fs::path>& folders) {
    const Place place = best_place(info, folders);
    return place.missing.empty() ? place.folder : fs::path();
}

Dataset load(const DatasetInfo& info, const std::vector<fs::path>& folders) {
    const Place place = best_place(info, folders);
    if (!place.missing.empty()) report_missing(info, folders, place);
    Dataset data;
    std::string digests;
    data.classes = info.classes;
    data.train = read_images(info, place.folder, 0, digests);
    data.test = read_images(info, place.folder, 2, digests);
    if (data.train.rows != data.test.rows || data.train.columns != data.test.columns)
        throw std::runtime_error("data set " + info.name + " in " + place.folder.string() + ": training images of " +
                                 std::to_string(data.train.rows) + " x " + std::to_string(data.train.columns) + " but test images of " +
                                 std::to_string(data.test.rows) + " x " + std::to_string(data.test.columns) +
                                 "; equal sizes would be right");
    Sha256 hash;
    hash.add(digests);
    data.payload_digest = hash.hex();
    return data;
}

std::string verify(const DatasetInfo& info, const std::vector<fs::path>& folders) { return load(info, folders).payload_digest; }

} // namespace mneme::bench
