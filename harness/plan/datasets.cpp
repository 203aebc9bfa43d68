// SPDX-License-Identifier: Apache-2.0
#include "plan/datasets.hpp"

#include <algorithm>
#include <set>

#include <mneme/error.hpp>

#include "plan/check.hpp"

namespace mneme::harness {

namespace fs = std::filesystem;

namespace {

constexpr const char* ending = ".dataset.toml";
const Names file_keys{"train_images", "train_labels", "test_images", "test_labels"};

std::string text_of(const Node& root, const char* key, const std::string& otherwise) {
    const Member* member = find(root, key);
    return member ? want_text(*member) : otherwise;
}

const Member& needed(const Node& root, const std::string& key, const std::string& example) {
    const Member* member = find(root, key);
    if (!member) fail(root.where, "the data set has no " + key + "; " + key + " = " + example + " would be right");
    return *member;
}

std::vector<int64_t> read_shape(const Member& member) {
    std::vector<int64_t> shape;
    take(member, shape);
    const bool fits = (shape.size() == 2 || shape.size() == 3) &&
                      std::all_of(shape.begin(), shape.end(), [](int64_t size) { return size >= 1 && size <= 4096; });
    if (!fits)
        fail(member.value.where, "shape is no size of images; [rows, columns], or [channels, rows, columns], of 1 to 4096 would be right");
    return shape;
}

std::vector<bench::DatasetFile> read_files(const Node& root, const fs::path& folder) {
    std::vector<bench::DatasetFile> files;
    for (const auto& key : file_keys) {
        const Member& member = needed(root, key, "\"" + key + "-idx-ubyte\"");
        const std::string name = want_text(member);
        if (name.empty() || fs::path(name).filename() != name)
            fail(member.value.where, key + " is " + in_quotes(name) + "; the name of a file in " + folder.string() + " would be right");
        files.push_back({name, 0, "", ""});
    }
    if (const Member* sums = find(root, "sha256")) {
        std::vector<std::string> texts;
        take(*sums, texts);
        for (const auto& text : texts)
            if (text.size() != 64 || text.find_first_not_of("0123456789abcdef") != std::string::npos)
                fail(sums->value.where, "sha256 holds " + in_quotes(text) + "; 64 digits of 0-9 and a-f would be right");
        if (texts.size() != files.size())
            fail(sums->value.where, "sha256 has " + std::to_string(texts.size()) + " sums; 4, in the order train_images, train_labels, " +
                                        "test_images, test_labels, would be right");
        for (std::size_t f = 0; f < files.size(); ++f) files[f].sha256 = texts[f];
    }
    return files;
}

std::vector<fs::path> descriptions_in(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code ignored; // a folder that is not there holds nothing
    for (fs::directory_iterator at(folder, ignored), end; !ignored && at != end; at.increment(ignored))
        if (is_dataset_file(at->path())) found.push_back(at->path());
    std::sort(found.begin(), found.end());
    return found;
}

std::vector<fs::path> folders_below(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code ignored;
    for (fs::directory_iterator at(folder, ignored), end; !ignored && at != end; at.increment(ignored))
        if (at->is_directory(ignored)) found.push_back(at->path());
    std::sort(found.begin(), found.end());
    return found;
}

} // namespace

bool is_dataset_file(const fs::path& path) { return path.filename().string().ends_with(ending); }

bench::DatasetInfo read_dataset(const fs::path& path) {
    const Node root = parse_toml_file(path, "data set");
    bench::DatasetInfo info;
    info.name = path.stem().stem().string();
    if (!is_label(info.name))
        fail(path.string(), "the file's name cannot be a data set's name; 1 to 64 of A-Z, a-z, 0-9 and ._+- before " + std::string(ending) +
                                " would be right");
    for (const auto& known : bench::datasets())
        if (known.name == info.name)
            fail(path.string(), "the name " + in_quotes(info.name) + " is that of a built-in data set; another name would be right");
    Names keys{"title", "licence", "citation", "classes", "shape", "sha256"};
    keys.insert(keys.end(), file_keys.begin(), file_keys.end());
    allow(root, keys, "a data set");
    info.title = text_of(root, "title", info.name);
    info.licence = text_of(root, "licence", "none stated");
    info.citation = text_of(root, "citation", "none stated");
    info.classes = want_integer(needed(root, "classes", "10"), 1, 256);
    info.shape = read_shape(needed(root, "shape", "[28, 28]"));
    info.files = read_files(root, path.parent_path());
    info.default_folders = {fs::absolute(path).parent_path().lexically_normal().string()};
    info.how_to_get = "it is described in " + path.string();
    return info;
}

std::vector<bench::DatasetInfo> own_datasets(const std::vector<fs::path>& folders, const std::vector<fs::path>& data_folders) {
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
