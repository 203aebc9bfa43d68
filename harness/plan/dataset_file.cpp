// SPDX-License-Identifier: Apache-2.0
#include "plan/dataset_file.hpp"

#include <algorithm>

#include <base/sha256.hpp>

#include "plan/check.hpp"
#include "plan/dataset_layout.hpp"
#include "plan/datasets.hpp"
#include "plan/number_keys.hpp"

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

std::vector<int64_t> read_shape(const Member& member, bench::Format format) {
    const bool pictures = format == bench::Format::folders;
    const bool in_planes = format == bench::Format::cifar || format == bench::Format::omniglot ||
                           format == bench::Format::tiny_imagenet;
    std::vector<int64_t> shape;
    take(member, shape);
    const bool features = may_be_features(format);
    const int64_t most = features && shape.size() == 1 ? 65536 : 4096;
    const bool fits = (shape.size() == 2 || shape.size() == 3 || (features && shape.size() == 1)) &&
                      std::all_of(shape.begin(), shape.end(),
                                  [&](int64_t size) { return size >= 1 && size <= most; });
    if (!fits)
        fail(member.value.where, std::string("shape is not a size of ") +
                                     (features ? "examples" : "images") + "; expected " +
                                     (features ? "[features] of 1 to 65536, " : "") +
                                     "[rows, columns], or [channels, rows, columns], of 1 to 4096");
    if (in_planes && shape.size() != 3)
        fail(member.value.where, "shape has two sizes; expected [channels, rows, columns]");
    if (pictures && shape.size() == 3 && shape[0] != 1 && shape[0] != 3)
        fail(member.value.where, "shape has " + std::to_string(shape[0]) +
                                     " channels; expected 1 (grey) or 3 (red, green, blue)");
    return shape;
}

// "sha256 has 1 sums; expected 4, in the order train_images, ..."
void want_one_a_file(const Member& list, std::size_t count, const std::string& what,
                     const std::vector<bench::DatasetFile>& files) {
    if (count == files.size()) return;
    std::string order;
    for (const auto& file : files) order += (order.empty() ? "" : ", ") + file.name;
    fail(list.value.where, list.key + " has " + std::to_string(count) + " " + what + "; expected " +
                               std::to_string(files.size()) + ", in the order " + order);
}

void read_sums(const Member& sums, std::vector<bench::DatasetFile>& files,
               std::string bench::DatasetFile::*to) {
    std::vector<std::string> texts;
    take(sums, texts);
    for (const auto& text : texts)
        if (!base::is_sha256(text))
            fail(sums.value.where,
                 sums.key + " holds " + in_quotes(text) + "; expected 64 digits of 0-9 and a-f");
    want_one_a_file(sums, texts.size(), "sums", files);
    for (std::size_t f = 0; f < files.size(); ++f) files[f].*to = texts[f];
}

void read_sizes(const Member& sizes, std::vector<bench::DatasetFile>& files) {
    std::vector<int64_t> bytes;
    take(sizes, bytes);
    for (int64_t size : bytes)
        if (size < 1)
            fail(sizes.value.where, "bytes holds " + std::to_string(size) +
                                        "; expected the size of a file's content, 1 or more");
    want_one_a_file(sizes, bytes.size(), "sizes", files);
    for (std::size_t f = 0; f < files.size(); ++f) files[f].bytes = uint64_t(bytes[f]);
}

void read_picture_keys(const Node& root, bench::PictureKeys& keys) {
    if (const Member* resize = find(root, "resize"))
        keys.resize = want_choice(*resize, {"none", "area"}, "resize") == "area";
    if (const Member* bits = find(root, "bits")) {
        keys.bits = want_integer(*bits, 8, 16);
        if (keys.bits != 8 && keys.bits != 16)
            fail(bits->value.where, "bits is " + std::to_string(keys.bits) + "; expected 8 or 16");
    }
}

std::string name_beside(const std::string& name, const Member& member, const fs::path& folder) {
    if (name.empty() || name == "." || name == ".." || fs::path(name).filename() != name)
        fail(member.value.where, member.key + " is " + in_quotes(name) +
                                     "; expected the name of a file in " + folder.string());
    return name;
}

std::string name_beside(const Member& member, const fs::path& folder) {
    return name_beside(want_text(member), member, folder);
}

std::vector<bench::DatasetFile> read_files(const Node& root, const DatasetLayout& layout,
                                           const fs::path& folder) {
    std::vector<bench::DatasetFile> files;
    if (layout.tree()) files.push_back({"tree", 0, "", ""});
    for (const auto& [key, several, optional] : layout.files) {
        const std::string name = layout.word == "idx"       ? key + "-idx-ubyte"
                                 : layout.word == "folders" ? key
                                 : layout.word == "hdf5"    ? key + ".h5"
                                                            : key + "." + layout.word;
        if (optional && !find(root, key)) continue;
        const Member& member =
            needed(root, key, several ? "[\"" + key + ".bin\"]" : "\"" + name + "\"");
        Names names;
        if (several) take(member, names);
        else names.push_back(want_text(member));
        if (names.empty()) fail(member.value.where, key + " is empty; expected one file or more");
        for (const auto& one : names)
            files.push_back({name_beside(one, member, folder), 0, "", ""});
    }
    if (const Member* sums = find(root, "sha256"))
        read_sums(*sums, files, &bench::DatasetFile::sha256);
    if (const Member* sums = find(root, "other_sha256"))
        read_sums(*sums, files, &bench::DatasetFile::another);
    if (const Member* sizes = find(root, "bytes")) read_sizes(*sizes, files);
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

// The number of records is that of the bytes.
void expect_records(const Node& root, const bench::DatasetInfo& info) {
    const Member& bytes = needed(root, "bytes", "[30730000, 30730000]");
    const int64_t record = info.label_bytes + info.shape[0] * info.shape[1] * info.shape[2];
    for (const auto& file : info.files)
        if (file.bytes % uint64_t(record) != 0)
            fail(bytes.value.where, "bytes has " + std::to_string(file.bytes) + " for " +
                                        file.name + "; expected a multiple of " +
                                        std::to_string(record) + ", the size of a record");
}

std::string read_address(const Member& member) {
    std::string base = want_text(member);
    if (base.rfind("http://", 0) != 0 && base.rfind("https://", 0) != 0)
        fail(member.value.where, member.key + " is " + in_quotes(base) +
                                     "; expected an address from http:// or https:// on");
    if (base.back() != '/') base += '/';
    return base;
}

// [[source]]: files below an address, and where they go.
void read_source(const Node& table, const fs::path& folder, bench::DatasetInfo& info) {
    allow(table, {"base", "files", "into", "unpack", "md5"}, "[[source]]");
    const std::string base = read_address(needed(table, "base", "\"https://...\""));
    const Member& member = needed(table, "files", "[\"train.h5\"]");
    Names files, sums;
    take(member, files);
    std::string into = info.name + "/";
    if (const Member* place = find(table, "into")) {
        const std::string name = want_text(*place);
        into = name == "." ? "" : name_beside(name, *place, folder) + "/";
    }
    bool unpack = false;
    if (const Member* flag = find(table, "unpack")) take(*flag, unpack);
    if (const Member* md5 = find(table, "md5")) {
        take(*md5, sums);
        if (sums.size() != files.size())
            fail(md5->value.where, "md5 has " + std::to_string(sums.size()) +
                                       " sums; expected one for each of files");
    }
    for (std::size_t f = 0; f < files.size(); ++f)
        info.sources.push_back({into + name_beside(files[f], member, folder), base + files[f],
                                unpack, sums.empty() ? "" : sums[f]});
}

// An address below which the files lie under their names, or tables that say more.
void read_sources(const Member& member, const fs::path& folder, bench::DatasetInfo& info) {
    if (member.value.kind == Node::Kind::array) {
        for (const Node& item : member.value.items) {
            want_table({member.key, item.where, item});
            read_source(item, folder, info);
        }
        return;
    }
    const std::string base = read_address(member);
    for (const auto& file : info.files)
        info.sources.push_back({info.name + "/" + file.name, base + file.name});
}

} // namespace

bool is_dataset_file(const fs::path& path) { return path.filename().string().ends_with(ending); }

bench::DatasetInfo read_description(const Node& root, const std::string& name,
                                    const fs::path& folder) {
    bench::DatasetInfo info;
    const DatasetLayout& layout = layout_of(root);
    allow(root, keys_of(layout), "a data set of format " + layout.word);
    if (layout.another_rule()) {
        info = built_in_dataset(layout.word);
        info.folder = layout.word;
        info.sources.clear();
        info.how_to_get.clear();
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
    if (layout.shape) info.shape = read_shape(needed(root, "shape", "[28, 28]"), layout.format);
    if (layout.texts) read_texts(root, folder, info);
    read_number_keys(root, layout, info);
    read_picture_keys(root, info.pictures);
    info.examples = integer_of(root, "examples", 1, int64_t{1} << 40, info.examples);
    info.label_bytes = integer_of(root, "label_bytes", 1, 16, info.label_bytes);
    info.folder = text_of(root, "folder", info.folder);
    info.archive = text_of(root, "archive", info.archive);
    info.this_copy = text_of(root, "copy", info.this_copy);
    info.other_copy = text_of(root, "other_copy", info.other_copy);
    info.how_to_get = text_of(root, "get", info.how_to_get);
    if (const Member* folders = find(root, "folders")) take(*folders, info.default_folders);
    if (!layout.another_rule()) info.files = read_files(root, layout, folder);
    if (info.format == bench::Format::cifar) expect_records(root, info);
    if (const Member* source = find(root, "source")) read_sources(*source, folder, info);
    return info;
}

bench::DatasetInfo read_dataset(const fs::path& path) {
    const Node root = parse_toml_file(path, "data set");
    const std::string name = path.stem().stem().string();
    if (!is_label(name))
        fail(path.string(),
             "the file's name cannot be a data set's name; expected 1 to 64 of A-Z, a-z, 0-9 and "
             "._+- before " +
                 std::string(ending));
    for (const auto& known : built_in_datasets())
        if (known.name == name)
            fail(path.string(), "the name " + in_quotes(name) +
                                    " is that of a built-in data set; use another name");
    bench::DatasetInfo info = read_description(root, name, path.parent_path());
    info.default_folders.insert(info.default_folders.begin(),
                                fs::absolute(path).parent_path().lexically_normal().string());
    const std::string described = "it is described in " + path.string();
    if (!info.how_to_get.empty()) info.how_to_get += " (" + described + ")";
    else info.how_to_get = described;
    const DatasetLayout& layout = layout_of(root);
    if (layout.another_rule()) info.how_to_get += "; its files are those of " + layout.word;
    return info;
}

} // namespace mneme::harness
