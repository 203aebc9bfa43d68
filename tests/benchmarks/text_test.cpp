// SPDX-License-Identifier: Apache-2.0
// Texts: words, ids, vectors, and the readers of CLINC150 and Banking77 (their messages:
// text_faults_test.cpp).
#include "catch.hpp"
#include "text_support.hpp"

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

TEST_CASE("texts are split by class, nothing else") {
    Spec spec;
    spec.name = "t";
    spec.stream.kind = "permuted";
    spec.stream.dataset = "clinc150";
    spec.datasets = {built_in_dataset("clinc150")};
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
          "stream.normalise: normalise is \"dataset\", but clinc150 is a set of texts; expected "
          "\"none\"");
}

TEST_CASE(
    "CLINC150 as published: 100 training and 30 test texts of each of 150 intents, none cut") {
    if (locate(built_in_dataset("clinc150"), data_folders()).empty())
        mneme::test::skip("CLINC150 is not here: " + built_in_dataset("clinc150").how_to_get);
    const Dataset data = load(built_in_dataset("clinc150"), data_folders());
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
    if (locate(built_in_dataset("banking77"), data_folders()).empty())
        mneme::test::skip("Banking77 is not here: " + built_in_dataset("banking77").how_to_get);
    const Dataset data = load(built_in_dataset("banking77"), data_folders());
    CHECK(data.train.count == 10003);
    std::vector<int> count(77);
    for (uint16_t label : data.test.labels) ++count[label];
    CHECK(std::count(count.begin(), count.end(), 40) == 77);
    CHECK(data.train.labels[0] == 0); // card_arrival is the first of categories.json
}
