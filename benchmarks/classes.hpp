// SPDX-License-Identifier: Apache-2.0
// Classes that files call by name. Private to this room.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>

namespace mneme::bench {

// A name out of foreign bytes, for a message: one line, no control characters, not long.
inline std::string in_words(const std::string& name) {
    std::string text = name.substr(0, 60);
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    return text.size() < name.size() ? text + "..." : text;
}

// Numbered in the order in which they are added.
class ClassNames final {
  public:
    // `where` the names come from: it begins the messages.
    ClassNames(int64_t wanted, std::string where) : wanted_(wanted), where_(std::move(where)) {}

    void add(const std::string& name) {
        if (!numbers_.emplace(name, int64_t(numbers_.size())).second)
            throw std::runtime_error(where_ + ": has \"" + in_words(name) +
                                     "\" twice; expected each class once");
    }
    void expect_all() const {
        if (int64_t(numbers_.size()) != wanted_)
            throw std::runtime_error(where_ + ": has " + std::to_string(numbers_.size()) +
                                     " classes; expected " + std::to_string(wanted_));
    }
    // `in` and `place` are where the name was met.
    int64_t number(const std::string& name, const std::string& in, const std::string& place) const {
        const auto known = numbers_.find(name);
        if (known == numbers_.end())
            throw std::runtime_error(in + ": " + place + " is of the class \"" + in_words(name) +
                                     "\"; expected one of the " + std::to_string(numbers_.size()) +
                                     " of " + where_);
        return known->second;
    }

  private:
    const int64_t wanted_;
    const std::string where_;
    std::map<std::string, int64_t> numbers_;
};

} // namespace mneme::bench
