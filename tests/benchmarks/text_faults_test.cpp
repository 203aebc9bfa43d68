// SPDX-License-Identifier: Apache-2.0
// What is refused in files of texts, with every message, word for word.
#include "catch.hpp"
#include "text_support.hpp"

using namespace bench_test;

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
          "D/train.csv: has no header text,category; expected it as the first line, or for columns "
          "of numbers label = \"the column of the classes\" in the description");
    CHECK(Csv().fault_with("train.csv", "") ==
          "D/train.csv: has no header text,category; expected it as the first line, or for columns "
          "of numbers label = \"the column of the classes\" in the description");
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
