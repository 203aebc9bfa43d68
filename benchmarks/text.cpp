// SPDX-License-Identifier: Apache-2.0
#include "text.hpp"

#include <cstdlib>
#include <memory>

#include <utf8proc.h>

namespace mneme::bench {

namespace {

bool is_space(utf8proc_int32_t c) {
    return c == '\t' || c == '\n' || c == '\r' || utf8proc_category(c) == UTF8PROC_CATEGORY_ZS;
}

bool is_dropped(utf8proc_int32_t c) {
    const auto category = utf8proc_category(c);
    return c == 0xFFFD || (category >= UTF8PROC_CATEGORY_CC && category <= UTF8PROC_CATEGORY_CO) ||
           category == UTF8PROC_CATEGORY_CN;
}

bool stands_alone(utf8proc_int32_t c) {
    const bool ascii = (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) ||
                       (c >= 123 && c <= 126);
    const bool cjk = (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
                     (c >= 0x20000 && c <= 0x2CEAF) || (c >= 0xF900 && c <= 0xFAFF) ||
                     (c >= 0x2F800 && c <= 0x2FA1F);
    const auto category = utf8proc_category(c);
    return ascii || cjk || (category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO);
}

void append(utf8proc_int32_t c, std::string& word) {
    utf8proc_uint8_t bytes[4];
    const auto n = utf8proc_encode_char(c, bytes);
    word.append(reinterpret_cast<const char*>(bytes), std::size_t(n));
}

} // namespace

std::vector<std::string> words_of(const std::string& text, bool& sound) {
    utf8proc_uint8_t* raw = nullptr;
    const auto size = utf8proc_map(
        reinterpret_cast<const utf8proc_uint8_t*>(text.data()), utf8proc_ssize_t(text.size()), &raw,
        utf8proc_option_t(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK));
    const std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> plain(raw, std::free);
    sound = size >= 0;
    std::vector<std::string> words;
    std::string word;
    const auto end_word = [&] {
        if (!word.empty()) words.push_back(std::move(word));
        word.clear();
    };
    for (utf8proc_ssize_t at = 0; at < size;) {
        utf8proc_int32_t c = 0;
        at += utf8proc_iterate(plain.get() + at, size - at, &c);
        if (is_space(c)) {
            end_word();
        } else if (stands_alone(c)) {
            end_word();
            append(c, word);
            end_word();
        } else if (!is_dropped(c)) {
            append(utf8proc_tolower(c), word);
        }
    }
    end_word();
    return words;
}

TextRows::TextRows(const DatasetInfo& info)
    : length_(info.shape[0]), dim_(info.shape[1]),
      tokens_(info.text.vocabulary.empty() ? hashed_tokens(dim_, info.text.seed)
                                           : wordpiece_tokens(info.text, dim_)) {}

bool TextRows::add(Images& part, const std::string& text, int64_t label) {
    bool sound = false;
    row_.clear();
    for (const auto& word : words_of(text, sound)) tokens_->ids_of(word, row_);
    row_.resize(std::size_t(length_), tokens_->padding());
    part.rows = length_;
    part.columns = int64_t(sizeof(int32_t));
    part.count += 1;
    part.labels.push_back(uint16_t(label));
    const auto* bytes = reinterpret_cast<const uint8_t*>(
        row_.data()); // little-endian, as every machine that LibTorch is built for
    part.pixels.insert(part.pixels.end(), bytes, bytes + row_.size() * sizeof(int32_t));
    return sound;
}

void TextRows::finish(Dataset& data) {
    data.table = tokens_->table();
    data.copy = std::to_string(length_) + " tokens a text, " + tokens_->rule();
}

} // namespace mneme::bench
