// SPDX-License-Identifier: Apache-2.0
#include "plan/plan_text.hpp"

#include <algorithm>

namespace mneme::harness {
namespace {

constexpr std::size_t npos = std::string_view::npos;

// Each function moves past what it names, and says whether it was there.
class TextCursor final {
  public:
    explicit TextCursor(std::string_view text) : text_(text) {}

    std::size_t at() const { return at_; }

    bool character(char wanted) {
        skip_space();
        if (at_ >= text_.size() || text_[at_] != wanted) return false;
        ++at_;
        return true;
    }
    bool string() {
        if (!character('"')) return false;
        for (; at_ < text_.size(); ++at_) {
            at_ = text_.find_first_of("\"\\", at_);
            if (at_ == npos) break;
            if (text_[at_] == '"') return ++at_, true;
            ++at_; // what is escaped
        }
        at_ = text_.size();
        return false;
    }
    bool value() {
        skip_space();
        if (at_ >= text_.size()) return false;
        if (text_[at_] == '"') return string();
        if (text_[at_] == '{' || text_[at_] == '[') return nested();
        const std::size_t begin = at_;
        at_ = std::min(text_.find_first_of(",]} \n\r\t", at_), text_.size());
        return at_ > begin;
    }

    void skip_space() { at_ = std::min(text_.find_first_not_of(" \n\r\t", at_), text_.size()); }

  private:
    bool nested() {
        std::size_t depth = 0;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '"') {
                if (!string()) return false;
                continue;
            }
            ++at_;
            if (c == '{' || c == '[') ++depth;
            else if ((c == '}' || c == ']') && --depth == 0) return true;
        }
        return false;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

// The elements of a list whose [ the cursor is behind.
bool choose(TextCursor& cursor, std::string_view plan, CellRange range, SomeCells& to) {
    to.text += plan.substr(0, cursor.at());
    if (cursor.character(']')) return to.text += ']', true;
    do {
        const std::size_t begin = cursor.at();
        if (!cursor.value()) return false;
        if (to.count >= range.first && to.count <= range.last) {
            if (to.count > range.first) to.text += ',';
            to.text += plan.substr(begin, cursor.at() - begin);
        }
        ++to.count;
    } while (cursor.character(','));
    return to.text += ']', cursor.character(']');
}

} // namespace

std::optional<SomeCells> some_cells(std::string_view plan, CellRange range) {
    SomeCells found;
    TextCursor cursor(plan);
    if (!cursor.character('{')) return std::nullopt;
    do {
        cursor.skip_space();
        const std::size_t begin = cursor.at();
        if (!cursor.string()) return std::nullopt;
        const bool cells = plan.substr(begin, cursor.at() - begin) == "\"cells\"";
        if (!cursor.character(':')) return std::nullopt;
        if (cells && cursor.character('[')) {
            if (!choose(cursor, plan, range, found)) return std::nullopt;
            found.text += plan.substr(cursor.at());
            return found;
        }
        if (!cursor.value()) return std::nullopt;
    } while (cursor.character(','));
    if (!cursor.character('}')) return std::nullopt;
    found.text = plan;
    return found;
}

} // namespace mneme::harness
