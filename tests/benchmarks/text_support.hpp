// SPDX-License-Identifier: Apache-2.0
// What the tests of texts share: small data sets as files, and a data set read from them.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "support.hpp"

namespace bench_test {

struct Texts {
    Folder folder;
    DatasetInfo info;
    std::vector<std::string> bytes;

    explicit Texts(Format format) {
        info.name = "small";
        info.how_to_get = "make it";
        info.classes = 3;
        info.format = format;
        info.shape = {5, 4};
    }
    void put(const std::string& name, const std::string& content) {
        folder.write(name, content);
        info.files.push_back({name, content.size(), sha256(content), ""});
    }
    Dataset read() const { return load(info, {folder.path()}); }
    std::string fault_with(const std::string& name, const std::string& content) const {
        folder.write(name, content);
        return shorten(folder, fault_of([&] { read(); }));
    }
};

inline const std::string questions =
                             R"({"val": [["unused", "b"]],
    "train": [["One two", "b"], ["two, one!", "a"], ["Caf\u00e9 one", "c"]],
    "test": [["three one two", "a"]], "oos_train": [["x", "oos"]]})",
                         domains = R"({"first": ["b", "a"], "second": ["c"]})";

struct Clinc : Texts {
    Clinc() : Texts(Format::clinc) {
        put("texts.json", questions);
        put("domains.json", domains);
    }
};

inline const std::string
    train_csv = "text,category\r\n\"one, two\",b\r\n\"said \"\"one\"\"\r\ntwo\",a\r\nthree,c\r\n",
    test_csv = "text,category\ntwo,c\n";

struct Csv : Texts {
    Csv() : Texts(Format::csv) {
        put("train.csv", train_csv);
        put("test.csv", test_csv);
    }
};

inline std::string safetensors(const std::string& header, const std::vector<float>& values) {
    std::string bytes(8, '\0');
    const uint64_t length = header.size();
    std::memcpy(bytes.data(), &length, 8);
    bytes += header;
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * 4);
    return bytes;
}

inline const std::string tensor_header =
    R"({"__metadata__": {"format": "pt"}, "embeddings.word_embeddings.weight":
    {"dtype": "F32", "shape": [6, 2], "data_offsets": [0, 48]}})";
inline const std::vector<float> tensor_values{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

// CSV over six tokens of a user's own.
struct WordPieces : Texts {
    WordPieces() : Texts(Format::csv) {
        info.shape = {5, 2};
        put("train.csv", train_csv);
        put("test.csv", test_csv);
        info.text.vocabulary =
            folder.write("vocab.txt", "[PAD]\n[UNK]\non\n##e\ntwo\n,\n").string();
        info.text.vectors =
            folder.write("vectors.safetensors", safetensors(tensor_header, tensor_values)).string();
    }
};

} // namespace bench_test
