// SPDX-License-Identifier: Apache-2.0
// Two ways from words to ids and vectors: drawn from the word itself, or looked up in files of the
// user's.
#include <algorithm>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include <base/sha256.hpp>
#include <benchmarks/random.hpp>

#include "input.hpp"
#include "text.hpp"

namespace mneme::bench {

namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

class Hashed final : public Tokens {
  public:
    Hashed(int64_t dim, int64_t seed) : dim_(dim), seed_(seed), table_(std::size_t(dim), 0.0f) {}

    void ids_of(const std::string& word, std::vector<int32_t>& ids) override {
        const auto [known, fresh] = ids_.emplace(word, int32_t(ids_.size() + 1));
        if (fresh) draw(word);
        ids.push_back(known->second);
    }
    int32_t padding() const override { return 0; }
    std::vector<float> table() override { return table_; }
    std::string rule() const override {
        return "words drawn as vectors of " + std::to_string(dim_) + " normal numbers, seed " +
               std::to_string(seed_);
    }

  private:
    void draw(const std::string& word) {
        base::Sha256 hash;
        hash.add(word);
        const std::string hex = hash.hex();
        const auto part = [&](std::size_t i) {
            return uint32_t(std::stoul(hex.substr(8 * i, 8), nullptr, 16));
        };
        table_.resize(table_.size() + std::size_t(dim_));
        normal(dim_, {uint32_t(seed_), purpose("mneme/word")}, {part(0), part(1), part(2)},
               table_.data() + table_.size() - dim_);
    }

    const int64_t dim_, seed_;
    std::unordered_map<std::string, int32_t> ids_;
    std::vector<float> table_;
};

class WordPiece final : public Tokens {
  public:
    WordPiece(const TextRule& rule, int64_t dim)
        : vectors_(read_safetensors(rule.vectors, rule.tensor)) {
        const auto in = open_file(rule.vocabulary, "a vocabulary, a token a line,");
        const std::string text = read_all(*in, uint64_t{1} << 26);
        sha256_ = in->sha256();
        std::size_t lines = 0;
        for (std::size_t at = 0; at < text.size();) {
            const auto end = std::min(text.find('\n', at), text.size());
            std::string token = text.substr(at, end - at);
            if (!token.empty() && token.back() == '\r') token.pop_back();
            ids_.emplace(std::move(token), int32_t(lines++));
            at = end + 1;
        }
        for (const char* needed : {"[PAD]", "[UNK]"})
            if (!ids_.count(needed))
                in->fail(std::string("has no ") + needed + "; expected a vocabulary of WordPiece");
        if (int64_t(lines) != vectors_.rows || vectors_.columns != dim)
            throw std::runtime_error(
                rule.vectors + ": has vectors of " + std::to_string(vectors_.rows) + " x " +
                std::to_string(vectors_.columns) + "; expected " + std::to_string(lines) + " x " +
                std::to_string(dim) + ", one for each token of " + in->name());
        padding_ = ids_.at("[PAD]");
        unknown_ = ids_.at("[UNK]");
    }

    void ids_of(const std::string& word, std::vector<int32_t>& ids) override {
        const std::size_t before = ids.size();
        if (characters(word) > 100) return ids.push_back(unknown_);
        for (std::size_t start = 0; start < word.size();) {
            std::size_t end = word.size();
            auto found = ids_.end();
            for (; end > start; --end) {
                if (end < word.size() && continues(word[end])) continue; // within a character
                found = ids_.find((start > 0 ? "##" : "") + word.substr(start, end - start));
                if (found != ids_.end()) break;
            }
            if (found == ids_.end()) { // the whole word is unknown then
                ids.resize(before);
                return ids.push_back(unknown_);
            }
            ids.push_back(found->second);
            start = end;
        }
    }
    int32_t padding() const override { return padding_; }
    std::vector<float> table() override { return vectors_.values; }
    std::string rule() const override {
        return "WordPiece of vocabulary " + sha256_ + ", vectors " + vectors_.sha256;
    }

  private:
    static bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }
    static std::ptrdiff_t characters(const std::string& word) {
        return std::count_if(word.begin(), word.end(), [](char c) { return !continues(c); });
    }

    Matrix vectors_;
    std::unordered_map<std::string, int32_t> ids_;
    std::string sha256_;
    int32_t padding_ = 0, unknown_ = 0;
};

// The entry's own name is set where none was asked for.
const Json& entry_of(const Json& header, std::string& tensor,
                     const std::function<void(const std::string&)>& fail) {
    if (tensor.empty())
        for (const auto& [name, entry] : header.items())
            if (name.ends_with("word_embeddings.weight")) tensor = name;
    if (tensor.empty() || !header.contains(tensor))
        fail("has no tensor " +
             (tensor.empty() ? std::string("...word_embeddings.weight") : "\"" + tensor + "\"") +
             "; expected the name of one that it has");
    return header.at(tensor);
}

} // namespace

std::unique_ptr<Tokens> hashed_tokens(int64_t dim, int64_t seed) {
    return std::make_unique<Hashed>(dim, seed);
}
std::unique_ptr<Tokens> wordpiece_tokens(const TextRule& rule, int64_t dim) {
    return std::make_unique<WordPiece>(rule, dim);
}

// Eight bytes of the header's length, the header in JSON, the tensors' bytes.
Matrix read_safetensors(const fs::path& path, const std::string& named) {
    const std::function<void(const std::string&)> fail = [&](const std::string& what) {
        throw std::runtime_error(path.string() + ": " + what);
    };
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    if (!in) fail("cannot be opened; expected a safetensors file");
    const auto size = uint64_t(in.tellg());
    uint64_t length = 0;
    in.seekg(0);
    in.read(reinterpret_cast<char*>(&length), sizeof length);
    if (!in || length > size - 8 || length > 100'000'000)
        fail("has no header; expected a safetensors file");
    std::string text(std::size_t(length), '\0');
    in.read(text.data(), std::streamsize(length));
    const Json header = Json::parse(text, nullptr, false);
    if (!header.is_object()) fail("has no header in JSON; expected a safetensors file");
    std::string tensor = named;
    const Json& entry = entry_of(header, tensor, fail);
    Matrix matrix;
    uint64_t begin = 0, end = 0;
    try {
        const auto shape = entry.at("shape").get<std::vector<int64_t>>();
        begin = entry.at("data_offsets").at(0), end = entry.at("data_offsets").at(1);
        if (entry.at("dtype") != "F32" || shape.size() != 2)
            fail("tensor \"" + tensor +
                 "\" is not a matrix of 32-bit floats; expected dtype F32 and two sizes");
        matrix.rows = shape[0], matrix.columns = shape[1];
    } catch (const Json::exception&) {
        fail("tensor \"" + tensor +
             "\" has no dtype, shape and data_offsets; expected a safetensors file");
    }
    const uint64_t room = size - 8 - length, most = uint64_t{1} << 31;
    const bool sized = matrix.rows > 0 && matrix.columns > 0 && uint64_t(matrix.rows) <= most &&
                       uint64_t(matrix.columns) <= most / 4;
    if (!sized || begin > end || end > room ||
        (end - begin) / 4 / uint64_t(matrix.rows) != uint64_t(matrix.columns) ||
        (end - begin) % (4 * uint64_t(matrix.rows)) != 0)
        fail("tensor \"" + tensor + "\" does not fit the file; expected a whole safetensors file");
    matrix.values.resize(std::size_t(matrix.rows * matrix.columns));
    in.seekg(std::streamoff(8 + length + begin));
    in.read(reinterpret_cast<char*>(matrix.values.data()), std::streamsize(end - begin));
    if (!in) fail("cannot be read to its end; expected a whole safetensors file");
    base::Sha256 hash;
    hash.add(matrix.values.data(), std::size_t(end - begin));
    matrix.sha256 = hash.hex();
    return matrix;
}

} // namespace mneme::bench
