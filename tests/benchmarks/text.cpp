// SPDX-License-Identifier: Apache-2.0
// Texts: words, ids, vectors, and the readers of CLINC150 and Banking77 with every message, word
// for word.
#include "catch.hpp"
#include "support.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

#include <benchmarks/tasks.hpp>

#include "../../benchmarks/text.hpp"

using namespace bench_test;

namespace {

using Words = std::vector<std::string>;

Words words(const std::string& text) {
    bool sound = false;
    auto found = words_of(text, sound);
    CHECK(sound);
    return found;
}

std::vector<int32_t> ids(const Images& part, int64_t row) {
    std::vector<int32_t> out(static_cast<std::size_t>(part.rows));
    std::memcpy(out.data(), part.pixels.data() + row * part.rows * 4, out.size() * 4);
    return out;
}

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

const std::string
    questions =
        R"({"val": [["unused", "b"]], "train": [["One two", "b"], ["two, one!", "a"], ["Caf\u00e9 one", "c"]],
    "test": [["three one two", "a"]], "oos_train": [["x", "oos"]]})",
    domains = R"({"first": ["b", "a"], "second": ["c"]})";

struct Clinc : Texts {
    Clinc() : Texts(Format::clinc) {
        put("texts.json", questions);
        put("domains.json", domains);
    }
};

const std::string
    train_csv = "text,category\r\n\"one, two\",b\r\n\"said \"\"one\"\"\r\ntwo\",a\r\nthree,c\r\n",
    test_csv = "text,category\ntwo,c\n";

struct Csv : Texts {
    Csv() : Texts(Format::csv) {
        put("train.csv", train_csv);
        put("test.csv", test_csv);
    }
};

std::string safetensors(const std::string& header, const std::vector<float>& values) {
    std::string bytes(8, '\0');
    const uint64_t length = header.size();
    std::memcpy(bytes.data(), &length, 8);
    bytes += header;
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * 4);
    return bytes;
}

const std::string tensor_header =
    R"({"__metadata__": {"format": "pt"}, "embeddings.word_embeddings.weight":
    {"dtype": "F32", "shape": [6, 2], "data_offsets": [0, 48]}})";
const std::vector<float> tensor_values{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

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

} // namespace

TEST_CASE("words as BERT's uncased tokeniser splits them") {
    CHECK(words("What's up?") == Words{"what", "'", "s", "up", "?"});
    CHECK(words("  Caf\xc3\xa9 \xc3\x9c"
                "ber\tna\xc3\xafve\n") == Words{"cafe", "uber", "naive"});
    CHECK(words("a\xe4\xb8\xad\xe6\x96\x87"
                "b") == Words{"a", "\xe4\xb8\xad", "\xe6\x96\x87", "b"});
    CHECK(words("zero\xe2\x80\x8bwidth \xe2\x82\xac"
                "5 \xe2\x80\x9cq\xe2\x80\x9d") == Words{"zerowidth",
                                                        "\xe2\x82\xac"
                                                        "5",
                                                        "\xe2\x80\x9c", "q", "\xe2\x80\x9d"});
    CHECK(words("").empty());
    bool sound = true;
    CHECK(words_of("\xff", sound).empty());
    CHECK_FALSE(sound);
}

TEST_CASE(
    "CLINC150's layout: classes in the order of the domains, ids in the order of sight, cut and "
    "padded") {
    const Dataset data = Clinc().read();
    CHECK(data.train.count == 3);
    CHECK(data.train.labels == std::vector<uint16_t>{0, 1, 2});
    CHECK(data.test.labels == std::vector<uint16_t>{1});
    CHECK(ids(data.train, 0) == std::vector<int32_t>{1, 2, 0, 0, 0});
    CHECK(ids(data.train, 1) == std::vector<int32_t>{2, 3, 1, 4, 0}); // two , one !
    CHECK(ids(data.train, 2) == std::vector<int32_t>{5, 1, 0, 0, 0});
    CHECK(ids(data.test, 0) == std::vector<int32_t>{6, 1, 2, 0, 0});
    CHECK(data.table.size() == 7 * 4);
    CHECK(std::all_of(data.table.begin(), data.table.begin() + 4, [](float v) { return v == 0; }));
    CHECK(data.copy == "5 tokens a text, words drawn as vectors of 4 normal numbers, seed 0");
    CHECK(data.payload_digest == sha256(sha256(questions) + sha256(domains) + data.copy));
}

TEST_CASE(
    "a drawn vector depends on the word and the seed, not on the data; its numbers are normal") {
    const auto vector_of = [](const Words& before, const std::string& word, int64_t seed) {
        const auto tokens = hashed_tokens(4, seed);
        std::vector<int32_t> found;
        for (const auto& other : before) tokens->ids_of(other, found);
        found.clear();
        tokens->ids_of(word, found);
        const auto table = tokens->table();
        return std::vector<float>(table.begin() + found.at(0) * 4,
                                  table.begin() + found.at(0) * 4 + 4);
    };
    CHECK(vector_of({}, "bank", 0) == vector_of({"a", "b", "c"}, "bank", 0));
    CHECK(vector_of({}, "bank", 0) != vector_of({}, "bank", 1));
    CHECK(vector_of({}, "bank", 0) != vector_of({}, "banks", 0));

    const auto tokens = hashed_tokens(100, 3);
    std::vector<int32_t> found;
    for (int i = 0; i < 400; ++i) tokens->ids_of("w" + std::to_string(i), found);
    double sum = 0, squares = 0;
    for (float v : tokens->table()) sum += double(v), squares += double(v) * double(v);
    CHECK(std::abs(sum / 40000) < 0.02);
    CHECK(std::abs(squares / 40000 - 1) < 0.03);
}

TEST_CASE("the rule is in the digest") {
    Clinc set;
    std::set<std::string> digests{set.read().payload_digest};
    set.info.text.seed = 1;
    digests.insert(set.read().payload_digest);
    set.info.shape = {6, 4};
    digests.insert(set.read().payload_digest);
    set.info.shape = {6, 8};
    digests.insert(set.read().payload_digest);
    CHECK(digests.size() == 4);
}

TEST_CASE("bad JSON: none, another shape, unknown intents, an empty class, no UTF-8") {
    const std::string texts =
                          "; expected an object with the arrays train and test of [text, intent]",
                      intents = "; expected an object of domains with the names of their intents";
    CHECK(Clinc().fault_with("texts.json", questions.substr(0, 80)) ==
          "D/texts.json: is not JSON; expected the file as published");
    CHECK(Clinc().fault_with("texts.json", "[]") == "D/texts.json: has no array train" + texts);
    CHECK(Clinc().fault_with("texts.json", R"({"train": [["One", "b"], ["two"]]})") ==
          "D/texts.json: train[1] is not [text, intent]" + texts);
    CHECK(Clinc().fault_with("texts.json", R"({"train": [["One", 3]]})") ==
          "D/texts.json: train[0] is not [text, intent]" + texts);
    CHECK(Clinc().fault_with("texts.json", R"({"train": [["One", "z"]]})") ==
          "D/texts.json: train[0] is of the class \"z\"; expected one of the 3 of D/domains.json");
    CHECK(Clinc().fault_with("domains.json", R"({"first": "b"})") ==
          "D/domains.json: is JSON of another shape" + intents);
    CHECK(Clinc().fault_with("domains.json", R"({"first": ["b", "b"]})") ==
          "D/domains.json: has \"b\" twice; expected each class once");
    CHECK(Clinc().fault_with("domains.json", R"({"first": ["b", "a"]})") ==
          "D/domains.json: has 2 classes; expected 3");
    const std::string other = R"({"train": [["One", "b"]], "test": [["One", "b"]]})";
    CHECK(Clinc().fault_with("texts.json", other) ==
          "D/texts.json: is not the published file (SHA-256 of its content " + sha256(other) +
              "); expected " + sha256(questions) + "; to get the set: make it");
    Clinc empty;
    empty.info.files[0].sha256 = "";
    CHECK(empty.fault_with("texts.json", other) ==
          "data set small in D: class 1 (from 0) has no training example; expected one or more");
}

TEST_CASE(
    "CSV with commas, line breaks and doubled quotes in its fields; classes by name, or in the "
    "order of a list") {
    Csv set;
    const Dataset data = set.read();
    CHECK(data.train.labels == std::vector<uint16_t>{1, 0, 2});
    CHECK(data.test.labels == std::vector<uint16_t>{2});
    CHECK(ids(data.train, 0) == std::vector<int32_t>{1, 2, 3, 0, 0});
    CHECK(ids(data.train, 1) == std::vector<int32_t>{4, 5, 1, 5, 3}); // said " one " two
    set.put("classes.json", R"(["c", "b", "a"])");
    CHECK(set.read().train.labels == std::vector<uint16_t>{1, 2, 0});
}

TEST_CASE("bad CSV: broken quotes, no header, fields missing, unknown categories, no UTF-8") {
    const std::string header = "text,category\n";
    CHECK(Csv()
              .fault_with("train.csv", header + "one,a\n\"two,b\nthree,c\n")
              .rfind("D/train.csv: has a broken quote in record 2 (the header is 0), before byte ",
                     0) == 0);
    CHECK(Csv().fault_with("train.csv", header + "one,a\n\"two\" more,b\n") ==
          "D/train.csv: has a broken quote in record 2 (the header is 0), before byte 26; expected "
          "quotes "
          "doubled within quotes, and closed");
    CHECK(Csv().fault_with("train.csv", "one,a\n") ==
          "D/train.csv: has no header text,category; expected it as the first line");
    CHECK(Csv().fault_with("train.csv", "") ==
          "D/train.csv: has no header text,category; expected it as the first line");
    CHECK(Csv().fault_with("train.csv", header + "one,a\ntwo\n") ==
          "D/train.csv: record 2 has 1 fields; expected 2 (text, category)");
    CHECK(Csv().fault_with("test.csv", header + "one,d\n") ==
          "D/test.csv: record 1 is of the class \"d\"; expected one of the 3 of D/train.csv");
    CHECK(Csv().fault_with("test.csv", header + "one,\"d\n" + std::string(1, '\0') + "\x1b[2J" +
                                           std::string(70, 'e') + "\"\n") ==
          "D/test.csv: record 1 is of the class \"d???[2J" + std::string(53, 'e') +
              "...\"; expected one of the 3 of D/train.csv");
    CHECK(Csv().fault_with("train.csv", header + "one,a\ntwo,b\n") ==
          "D/train.csv: has 2 classes; expected 3");
    CHECK(Csv().fault_with("train.csv", header + "one,a\n\xff,b\nx,c\n") ==
          "D/train.csv: record 2 is not UTF-8; expected text in UTF-8");
    Csv listed;
    listed.put("classes.json", "{}");
    CHECK(listed.fault_with("unused", "") ==
          "D/classes.json: is not a JSON array of names; expected [\"first class\", ...]");
}

TEST_CASE(
    "WordPiece over a vocabulary and vectors of the user's own: the longest known pieces, [UNK] "
    "otherwise") {
    const Dataset data = WordPieces().read();
    CHECK(ids(data.train, 0) == std::vector<int32_t>{2, 3, 5, 4, 0}); // on ##e , two
    CHECK(ids(data.train, 1) == std::vector<int32_t>{1, 1, 2, 3, 1}); // said " one " two, cut
    CHECK(ids(data.train, 2) == std::vector<int32_t>{1, 0, 0, 0, 0});
    CHECK(data.table == tensor_values);
    std::string bytes(48, '\0');
    std::memcpy(bytes.data(), tensor_values.data(), 48);
    CHECK(data.copy == "5 tokens a text, WordPiece of vocabulary " +
                           sha256("[PAD]\n[UNK]\non\n##e\ntwo\n,\n") + ", vectors " +
                           sha256(bytes));
}

TEST_CASE("bad vocabularies and safetensors files") {
    const auto vectors = [](const std::string& content) {
        return WordPieces().fault_with("vectors.safetensors", content);
    };
    const auto header = [](const std::string& entry) {
        return safetensors(R"({"word_embeddings.weight": )" + entry + "}", tensor_values);
    };
    CHECK(WordPieces().fault_with("vocab.txt", "[PAD]\non\n") ==
          "D/vocab.txt: has no [UNK]; expected a vocabulary of WordPiece");
    CHECK(WordPieces().fault_with("vocab.txt", "[PAD]\n[UNK]\n") ==
          "D/vectors.safetensors: has vectors of 6 x 2; expected 2 x 2, one for each token of "
          "D/vocab.txt");
    CHECK(vectors("short") == "D/vectors.safetensors: has no header; expected a safetensors file");
    CHECK(vectors(std::string(8, '\x7f')) ==
          "D/vectors.safetensors: has no header; expected a safetensors file");
    CHECK(vectors(safetensors("[1]", {})) ==
          "D/vectors.safetensors: has no header in JSON; expected a safetensors file");
    CHECK(vectors(safetensors("{}", {})) ==
          "D/vectors.safetensors: has no tensor ...word_embeddings.weight; expected the name of "
          "one that it "
          "has");
    CHECK(vectors(header("3")) ==
          "D/vectors.safetensors: tensor \"word_embeddings.weight\" has no dtype, shape and "
          "data_offsets; expected a safetensors "
          "file");
    CHECK(vectors(header(R"({"dtype": "F16", "shape": [6, 2], "data_offsets": [0, 24]})")) ==
          "D/vectors.safetensors: tensor \"word_embeddings.weight\" is not a matrix of 32-bit "
          "floats; "
          "expected dtype F32 and two sizes");
    for (const char* offsets : {"[0, 44]", "[0, 52]", "[48, 0]", "[0, 4800]"})
        CHECK(vectors(header(R"({"dtype": "F32", "shape": [6, 2], "data_offsets": )" +
                             std::string(offsets) + "}")) ==
              "D/vectors.safetensors: tensor \"word_embeddings.weight\" does not fit the file; "
              "expected a "
              "whole safetensors file");
    WordPieces named;
    named.info.text.tensor = "other";
    CHECK(named.fault_with("unused", "") ==
          "D/vectors.safetensors: has no tensor \"other\"; expected the name of one that it has");
}

TEST_CASE("any bytes as JSON, CSV or safetensors give a data set or a sentence") {
    const Clinc clinc;
    const Csv csv;
    const WordPieces pieces;
    uint64_t state = 1;
    const auto altered = [&](std::string bytes) {
        for (int flips = 0; flips < 4; ++flips) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            bytes[std::size_t(state >> 33) % bytes.size()] = char(state >> 56);
        }
        return bytes;
    };
    int refused = 0;
    for (int i = 0; i < 300; ++i)
        for (const auto& fault :
             {clinc.fault_with("texts.json", altered(questions)),
              csv.fault_with("train.csv", altered(train_csv)),
              pieces.fault_with("vectors.safetensors",
                                altered(safetensors(tensor_header, tensor_values)))}) {
            if (fault.empty()) continue;
            ++refused;
            CHECK(fault.find("; ") != std::string::npos);
        }
    CHECK(refused > 600);
}

TEST_CASE("texts are split by class, nothing else") {
    Spec spec;
    spec.name = "t";
    spec.stream.kind = "permuted";
    spec.stream.dataset = "clinc150";
    spec.stream.tasks = 2;
    CHECK(fault_in(spec) ==
          "stream.kind: kind is \"permuted\", but clinc150 is a set of texts; expected \"split\"");
    spec.stream.kind = "split";
    spec.stream.tasks = 0;
    spec.stream.classes_per_task = 15;
    CHECK(fault_in(spec).empty());
    CHECK(input_shape(spec) == std::vector<int64_t>{32, 128});
    CHECK(task_names(spec).size() == 10);
    spec.stream.normalise = "dataset";
    CHECK(fault_in(spec) ==
          "normalise is \"dataset\", but clinc150 is a set of texts; expected \"none\"");
}

TEST_CASE(
    "CLINC150 as published: 100 training and 30 test texts of each of 150 intents, none cut") {
    if (locate(dataset("clinc150"), data_folders()).empty())
        mneme::test::skip("CLINC150 is not here: " + dataset("clinc150").how_to_get);
    const Dataset data = load(dataset("clinc150"), data_folders());
    std::vector<int> count(150);
    for (uint16_t label : data.train.labels) ++count[label];
    CHECK(std::count(count.begin(), count.end(), 100) == 150);
    CHECK(data.test.count == 4500);
    int64_t full = 0;
    for (const Images* part : {&data.train, &data.test})
        for (int64_t i = 0; i < part->count; ++i) full += ids(*part, i).back() != 0;
    CHECK(full == 0);
    CHECK(data.train.labels[0] == 77); // "what expression would i use to say i love you ...":
                                       // translate, the third intent of `travel`
}

TEST_CASE("Banking77 as published: 10,003 training and 40 test texts of each of 77 intents") {
    if (locate(dataset("banking77"), data_folders()).empty())
        mneme::test::skip("Banking77 is not here: " + dataset("banking77").how_to_get);
    const Dataset data = load(dataset("banking77"), data_folders());
    CHECK(data.train.count == 10003);
    std::vector<int> count(77);
    for (uint16_t label : data.test.labels) ++count[label];
    CHECK(std::count(count.begin(), count.end(), 40) == 77);
    CHECK(data.train.labels[0] == 0); // card_arrival is the first of categories.json
}
