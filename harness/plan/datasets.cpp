// SPDX-License-Identifier: Apache-2.0
#include "plan/datasets.hpp"

#include <algorithm>
#include <set>

#include <base/error.hpp>

#include "plan/check.hpp"

namespace mneme::harness {

namespace fs = std::filesystem;

namespace {

constexpr const char* ending = ".dataset.toml";

std::string text_of(const Node& root, const char* key, const std::string& otherwise) {
    const Member* member = find(root, key);
    return member ? want_text(*member) : otherwise;
}

const Member& needed(const Node& root, const std::string& key, const std::string& example) {
    const Member* member = find(root, key);
    if (!member)
        fail(root.where, "the data set has no " + key + "; expected " + key + " = " + example);
    return *member;
}

std::vector<int64_t> read_shape(const Member& member, bool pictures) {
    std::vector<int64_t> shape;
    take(member, shape);
    const bool fits = (shape.size() == 2 || shape.size() == 3) &&
                      std::all_of(shape.begin(), shape.end(),
                                  [](int64_t size) { return size >= 1 && size <= 4096; });
    if (!fits)
        fail(member.value.where,
             "shape is not a size of images; expected [rows, columns], or [channels, rows, "
             "columns], of 1 to "
             "4096");
    if (pictures && shape.size() == 3 && shape[0] != 1 && shape[0] != 3)
        fail(member.value.where, "shape has " + std::to_string(shape[0]) +
                                     " channels; expected 1 (grey) or 3 (red, green, blue)");
    return shape;
}

// What a description says of each format, besides title, licence and citation.
struct Layout {
    std::string word;
    bench::Format format;
    Names files;                // keys that name a file or a folder beside the description
    bool classes, shape, texts; // whether it says these; a built-in set's own are known
};

const std::vector<Layout>& layouts() {
    static const std::vector<Layout> all{
        {"idx",
         bench::Format::idx,
         {"train_images", "train_labels", "test_images", "test_labels"},
         true,
         true,
         false},
        {"hdf5", bench::Format::hdf5, {"train", "test"}, true, true, false},
        {"folders", bench::Format::folders, {"train", "test"}, true, true, false},
        {"csv", bench::Format::csv, {"train", "test"}, true, false, true},
        {"clinc150", bench::Format::clinc, {}, false, false, true},
        {"banking77", bench::Format::csv, {}, false, false, true},
    };
    return all;
}

const Layout& layout_of(const Node& root) {
    const Member* member = find(root, "format");
    if (!member) return layouts()[0];
    Names words;
    for (const auto& layout : layouts()) words.push_back(layout.word);
    const std::string chosen = want_choice(*member, words, "format");
    return *std::find_if(layouts().begin(), layouts().end(),
                         [&](const auto& layout) { return layout.word == chosen; });
}

void read_sums(const Member& sums, const Names& keys, std::vector<bench::DatasetFile>& files) {
    std::vector<std::string> texts;
    take(sums, texts);
    for (const auto& text : texts)
        if (text.size() != 64 || text.find_first_not_of("0123456789abcdef") != std::string::npos)
            fail(sums.value.where,
                 "sha256 holds " + in_quotes(text) + "; expected 64 digits of 0-9 and a-f");
    std::string order;
    for (const auto& key : keys) order += (order.empty() ? "" : ", ") + key;
    if (texts.size() != files.size())
        fail(sums.value.where, "sha256 has " + std::to_string(texts.size()) + " sums; expected " +
                                   std::to_string(files.size()) + ", in the order " + order);
    for (std::size_t f = 0; f < files.size(); ++f) files[f].sha256 = texts[f];
}

// The name of something beside the description.
std::string name_beside(const Member& member, const fs::path& folder) {
    const std::string name = want_text(member);
    if (name.empty() || name == "." || name == ".." || fs::path(name).filename() != name)
        fail(member.value.where, member.key + " is " + in_quotes(name) +
                                     "; expected the name of a file in " + folder.string());
    return name;
}

std::vector<bench::DatasetFile> read_files(const Node& root, const Layout& layout,
                                           const fs::path& folder) {
    std::vector<bench::DatasetFile> files;
    for (const auto& key : layout.files) {
        const std::string example = layout.word == "idx"       ? key + "-idx-ubyte"
                                    : layout.word == "folders" ? key
                                                               : key + "." + layout.word;
        files.push_back({name_beside(needed(root, key, "\"" + example + "\""), folder), 0, "", ""});
    }
    if (const Member* sums = find(root, "sha256")) read_sums(*sums, layout.files, files);
    return files;
}

int64_t integer_of(const Node& root, const char* key, int64_t least, int64_t most,
                   int64_t otherwise) {
    const Member* member = find(root, key);
    return member ? want_integer(*member, least, most) : otherwise;
}

void read_texts(const Node& root, const fs::path& folder, bench::DatasetInfo& info) {
    if (info.shape.empty()) info.shape = {64, 128};
    info.shape = {integer_of(root, "length", 1, 4096, info.shape[0]),
                  integer_of(root, "numbers", 1, 4096, info.shape[1])};
    const Member *vocabulary = find(root, "vocabulary"), *vectors = find(root, "vectors"),
                 *seed = find(root, "seed");
    if (!vocabulary != !vectors)
        fail((vocabulary ? vocabulary : vectors)->where,
             std::string("the data set has no ") + (vocabulary ? "vectors" : "vocabulary") +
                 "; expected vocabulary = \"vocab.txt\" and vectors = \"model.safetensors\"");
    if (seed && vocabulary)
        fail(seed->where,
             "seed is for vectors that are drawn; remove seed, or vocabulary and vectors");
    info.text.seed = integer_of(root, "seed", 0, 2147483647, 0);
    if (!vocabulary) return;
    needed(root, "numbers", "768");
    info.text.vocabulary =
        fs::absolute(folder / name_beside(*vocabulary, folder)).lexically_normal().string();
    info.text.vectors =
        fs::absolute(folder / name_beside(*vectors, folder)).lexically_normal().string();
    info.text.tensor = text_of(root, "tensor", "");
}

// An address below which the files lie under their names.
void read_source(const Node& root, bench::DatasetInfo& info) {
    const Member* member = find(root, "source");
    if (!member) return;
    std::string base = want_text(*member);
    if (base.rfind("http://", 0) != 0 && base.rfind("https://", 0) != 0)
        fail(member->value.where,
             "source is " + in_quotes(base) + "; expected an address from http:// or https:// on");
    if (base.back() != '/') base += '/';
    for (const auto& file : info.files)
        info.sources.push_back({info.name + "/" + file.name, base + file.name});
}

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

} // namespace

bool is_dataset_file(const fs::path& path) { return path.filename().string().ends_with(ending); }

bench::DatasetInfo read_dataset(const fs::path& path) {
    const Node root = parse_toml_file(path, "data set");
    bench::DatasetInfo info;
    info.name = path.stem().stem().string();
    if (!is_label(info.name))
        fail(path.string(),
             "the file's name cannot be a data set's name; expected 1 to 64 of A-Z, a-z, 0-9 and "
             "._+- "
             "before " +
                 std::string(ending));
    for (const auto& known : bench::datasets())
        if (known.name == info.name)
            fail(path.string(), "the name " + in_quotes(info.name) +
                                    " is that of a built-in data set; use another name");
    const Layout& layout = layout_of(root);
    Names keys{"title", "licence", "citation", "format"};
    if (layout.classes) keys.push_back("classes");
    if (layout.shape) keys.push_back("shape");
    if (layout.texts)
        keys.insert(keys.end(), {"length", "numbers", "seed", "vocabulary", "vectors", "tensor"});
    keys.insert(keys.end(), layout.files.begin(), layout.files.end());
    const bool fetched = !layout.files.empty() && layout.format != bench::Format::folders;
    if (fetched) keys.insert(keys.end(), {"sha256", "source"});
    allow(root, keys, "a data set of format " + layout.word);
    const std::string name = info.name;
    if (layout.files.empty()) { // another rule for the texts of a built-in set
        info = bench::dataset(layout.word);
        info.folder = layout.word;
        info.sources.clear();
    }
    info.name = name;
    info.format = layout.format;
    info.title = text_of(root, "title", info.title.empty() ? name : info.title);
    info.licence = text_of(root, "licence", info.licence.empty() ? "none stated" : info.licence);
    info.citation =
        text_of(root, "citation", info.citation.empty() ? "none stated" : info.citation);
    if (layout.classes)
        info.classes =
            want_integer(needed(root, "classes", "10"), 1, layout.word == "idx" ? 256 : 65535);
    if (layout.shape)
        info.shape =
            read_shape(needed(root, "shape", "[28, 28]"), layout.format == bench::Format::folders);
    if (layout.texts) read_texts(root, path.parent_path(), info);
    if (!layout.files.empty()) info.files = read_files(root, layout, path.parent_path());
    if (fetched) read_source(root, info);
    info.default_folders = {fs::absolute(path).parent_path().lexically_normal().string()};
    info.how_to_get = "it is described in " + path.string() +
                      (layout.files.empty() ? "; its files are those of " + layout.word : "");
    return info;
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
