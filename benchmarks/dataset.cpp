// SPDX-License-Identifier: Apache-2.0
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
    std::vector<std::string> names;
    for (const auto& file : info.files) names.push_back(file.name);
    return names;
}

bool is_here(const DatasetInfo& info, const fs::path& folder, const std::string& name) {
    std::error_code ignored;
    return info.format == Format::omniglot ? fs::is_directory(folder / name, ignored) : !file_in(folder, name).empty();
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
        if (!found.missing.empty() && !info.archive.empty() && fs::is_regular_file(folder / info.archive, ignored))
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

[[noreturn]] void report_missing(const DatasetInfo& info, const std::vector<fs::path>& folders, const Found& found) {
    std::vector<std::string> looked;
    for (const auto& folder : candidates(info, folders)) looked.push_back(folder.string());
    const std::string where =
        found.place.path.empty() ? "data set " + info.name : "data set " + info.name + " in " + found.place.path.string();
    throw std::runtime_error(where + ": " + joined(found.missing) + (info.format == Format::omniglot ? "" : " (plain or .gz)") +
                             (info.archive.empty() ? "" : ", or else " + info.archive + ",") + " not found; looked in " +
                             (looked.empty() ? "no folder" : joined(looked)) + "; to get the set: " + info.how_to_get);
}

// Which copy the digests are of.
std::string copy_read(const DatasetInfo& info, const std::vector<std::string>& digests) {
    std::size_t others = 0;
    for (std::size_t f = 0; f < digests.size(); ++f) others += digests[f] == info.files[f].another;
    return others == 0 ? info.this_copy : others == digests.size() ? info.other_copy : "files of two copies";
}

void append(const DatasetInfo& info, const std::vector<fs::path>& folders, Dataset& data) {
    const Found found = best_place(info, folders);
    if (!found.missing.empty()) report_missing(info, folders, found);
    const auto read = info.format == Format::cifar ? read_cifar : info.format == Format::omniglot ? read_omniglot : read_idx_set;
    const auto digests = read(info, found.place, data);
    Sha256 hash;
    for (const auto& digest : digests) hash.add(digest);
    data.payload_digest += (data.payload_digest.empty() ? "" : " ") + hash.hex();
    data.copy = copy_read(info, digests);
    data.classes += info.classes;
}

} // namespace

fs::path locate(const DatasetInfo& info, const std::vector<fs::path>& folders) {
    const Found found = best_place(info, folders);
    return found.missing.empty() ? found.place.path : fs::path();
}

Dataset load(const DatasetInfo& info, const std::vector<fs::path>& folders) { return load(std::vector{info}, folders); }

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

std::string verify(const DatasetInfo& info, const std::vector<fs::path>& folders) { return load(info, folders).payload_digest; }

} // namespace mneme::bench
