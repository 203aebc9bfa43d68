// SPDX-License-Identifier: Apache-2.0
#include "plan/datasets.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "plan/check.hpp"
#include "plan/dataset_file.hpp"

namespace mneme::harness {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> descriptions_in(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code ignored; // a folder that is not there holds nothing
    for (fs::directory_iterator at(folder, ignored), end; !ignored && at != end;
         at.increment(ignored))
        if (is_dataset_file(at->path())) found.push_back(at->path());
    std::sort(found.begin(), found.end());
    return found;
}

std::vector<fs::path> folders_below(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code ignored;
    for (fs::directory_iterator at(folder, ignored), end; !ignored && at != end;
         at.increment(ignored))
        if (at->is_directory(ignored)) found.push_back(at->path());
    std::sort(found.begin(), found.end());
    return found;
}

std::vector<bench::DatasetInfo> read_built_in() {
    std::vector<bench::DatasetInfo> sets;
    for (const auto& [name, toml] : built_in_descriptions) {
        const std::string file = std::string(name) + ".dataset.toml";
        sets.push_back(
            read_description(parse_toml(std::string(toml), file), std::string(name), "."));
        if (sets.back().how_to_get.empty())
            sets.back().how_to_get = "mneme data fetch " + sets.back().name;
    }
    return sets;
}

} // namespace

const std::vector<bench::DatasetInfo>& built_in_datasets() {
    static const std::vector<bench::DatasetInfo> sets = read_built_in();
    return sets;
}

const bench::DatasetInfo& built_in_dataset(const std::string& name) {
    for (const auto& info : built_in_datasets())
        if (info.name == name) return info;
    throw std::logic_error("no built-in data set " + name);
}

std::vector<bench::DatasetInfo> own_datasets(const std::vector<fs::path>& folders,
                                             const std::vector<fs::path>& data_folders) {
    std::vector<fs::path> all = folders;
    for (const auto& folder : data_folders) {
        all.push_back(folder);
        for (const auto& below : folders_below(folder)) all.push_back(below);
    }
    std::vector<bench::DatasetInfo> sets;
    std::set<std::string> names;
    for (const auto& folder : all)
        for (const auto& path : descriptions_in(folder))
            if (names.insert(path.filename().string()).second) sets.push_back(read_dataset(path));
    return sets;
}

} // namespace mneme::harness
