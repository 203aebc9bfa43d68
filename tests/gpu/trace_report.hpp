// SPDX-License-Identifier: Apache-2.0
// What the trace (trace.cpp) found, and the report of it.
#pragma once

#include <deque>
#include <string>

#include "trace.hpp"

namespace mneme::trace {

// Equal texts are kept once.
class Names {
  public:
    std::uint32_t number(std::string_view text) {
        if (const auto at = numbers_.find(text); at != numbers_.end()) return at->second;
        texts_.emplace_back(text);
        return numbers_[texts_.back()] = static_cast<std::uint32_t>(texts_.size() - 1);
    }
    const std::string& text(std::uint32_t number) const { return texts_[number]; }
    std::size_t size() const { return texts_.size(); }

  private:
    std::deque<std::string> texts_; // they stay where they are: the keys look at them
    std::unordered_map<std::string_view, std::uint32_t> numbers_;
};

struct Found {
    Names names; // of kernels and of functions
    std::vector<Call> calls, waits;
    std::vector<Work> works;
    std::uint64_t dropped = 0; // records, by CUPTI
    std::uint64_t untimed = 0; // work whose time was not taken: CUPTI had no room on the device
    std::uint64_t lost = 0;    // buffers that could not be read to the end
    std::uint32_t cupti = 0;   // its version
    std::vector<std::string> errors;
};

// False: the file cannot be written. What was found is used up.
bool write_report(Found& found, const std::string& path);

} // namespace mneme::trace
