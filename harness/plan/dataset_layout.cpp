// SPDX-License-Identifier: Apache-2.0
#include "plan/dataset_layout.hpp"

#include <algorithm>

namespace mneme::harness {

namespace {

const std::vector<DatasetLayout>& layouts() {
    using bench::Format;
    static const std::vector<FileKey> split{{"train"}, {"test"}};
    static const std::vector<DatasetLayout> all{
        {"idx",
         Format::idx,
         {{"train_images"}, {"train_labels"}, {"test_images"}, {"test_labels"}},
         true,
         true,
         false},
        {"hdf5",
         Format::hdf5,
         split,
         true,
         true,
         false,
         {"examples", "type", "origin", "order", "x", "y", "test_x", "test_y"}},
        {"npy",
         Format::npy,
         {{"train"}, {"train_labels"}, {"test"}, {"test_labels"}},
         true,
         true,
         false,
         {"examples", "type", "origin", "order"}},
        {"folders", Format::folders, split, true, true, false, {"examples", "resize", "bits"}},
        {"csv",
         Format::csv,
         {{"train"}, {"test"}, {"categories", false, true}},
         true,
         false,
         true,
         {"examples"}},
        {"csv", // with a column of classes: of numbers
         Format::table,
         split,
         true,
         true,
         false,
         {"label", "separator", "header", "examples", "origin"}},
        {"cifar",
         Format::cifar,
         {{"train", true}, {"test"}},
         true,
         true,
         false,
         {"label_bytes", "archive"}},
        {"clinc", Format::clinc, {{"texts"}, {"domains"}}, true, false, true, {"examples"}},
        {"omniglot", Format::omniglot, {}, true, true, false},
        {"tiny-imagenet", Format::tiny_imagenet, {}, true, true, false, {"examples"}},
        {"clinc150", Format::clinc, {}, false, false, true},
        {"banking77", Format::csv, {}, false, false, true},
    };
    return all;
}

} // namespace

const DatasetLayout& layout_of(const Node& root) {
    const Member* member = find(root, "format");
    if (!member) return layouts()[0];
    Names words;
    for (const auto& layout : layouts()) words.push_back(layout.word);
    words.erase(std::unique(words.begin(), words.end()), words.end()); // csv stands for two
    const std::string chosen = want_choice(*member, words, "format");
    const bool table = chosen == "csv" && find(root, "label");
    return *std::find_if(layouts().begin(), layouts().end(), [&](const auto& layout) {
        return layout.word == chosen && (!table || layout.format == bench::Format::table);
    });
}

Names keys_of(const DatasetLayout& layout) {
    Names keys{"title", "licence", "citation", "format"};
    if (layout.classes) keys.push_back("classes");
    if (layout.shape) keys.push_back("shape");
    if (layout.texts)
        keys.insert(keys.end(), {"length", "numbers", "seed", "vocabulary", "vectors", "tensor"});
    for (const auto& file : layout.files) keys.push_back(file.key);
    keys.insert(keys.end(), layout.more.begin(), layout.more.end());
    if (layout.another_rule()) return keys;
    if (layout.format != bench::Format::folders)
        keys.insert(keys.end(), {"sha256", "bytes", "copy", "other_copy", "other_sha256"});
    keys.insert(keys.end(), {"source", "get", "folder", "folders"});
    return keys;
}

} // namespace mneme::harness
