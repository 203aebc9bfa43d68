// SPDX-License-Identifier: Apache-2.0
// Texts as rows of token ids, and a vector for each id. Private to this room.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <benchmarks/dataset.hpp>

namespace mneme::bench {

// As BERT's uncased tokeniser splits before it looks anything up: decomposed, marks dropped, lower
// case, between white space; every punctuation mark and every CJK character a word of its own;
// control characters dropped. Empty and `sound` false: no UTF-8.
std::vector<std::string> words_of(const std::string& text, bool& sound);

// Gives words their ids, and ids their vectors.
class Tokens {
  public:
    virtual ~Tokens() = default;
    virtual void ids_of(const std::string& word, std::vector<int32_t>& ids) = 0; // appends
    virtual int32_t padding() const = 0;
    virtual std::vector<float> table() = 0; // [ids given so far or known, dim]
    virtual std::string rule() const = 0;   // all that the ids and vectors depend on, in words
};

// Every word has an id, in the order of first sight from 1 on; 0 is padding, its vector 0. A word's
// vector is of normal numbers, drawn at the key (seed, purpose "mneme/word") and the place of the
// first 96 bits of the word's SHA-256: it depends on nothing else.
std::unique_ptr<Tokens> hashed_tokens(int64_t dim, int64_t seed);

// WordPiece: of each word the longest known beginning, then the longest known "##..." and so on;
// [UNK] where none is known or the word has more than 100 characters. No [CLS], no [SEP].
// vocab.txt: a token a line, its id the line's number from 0.
std::unique_ptr<Tokens> wordpiece_tokens(const TextRule&, int64_t dim);

// A matrix of 32-bit floats in a safetensors file. `tensor` empty: the one whose name ends with
// "word_embeddings.weight".
struct Matrix {
    int64_t rows = 0, columns = 0;
    std::vector<float> values;
    std::string sha256; // of the values' bytes
};
Matrix read_safetensors(const std::filesystem::path&, const std::string& tensor);

// Texts of one data set, appended one after the other: [count, length] ids, cut or padded behind.
class TextRows final {
  public:
    explicit TextRows(const DatasetInfo&);
    // False: `text` is not UTF-8.
    [[nodiscard]] bool add(Images& part, const std::string& text, int64_t label);
    void finish(Dataset&); // the table, and the rule as its copy

  private:
    const int64_t length_, dim_;
    std::unique_ptr<Tokens> tokens_;
    std::vector<int32_t> row_;
};

} // namespace mneme::bench
