// SPDX-License-Identifier: Apache-2.0
// Lines on a terminal that are drawn over themselves.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace mneme::cli {

class LiveScreen final {
  public:
    LiveScreen();

    bool usable() const { return usable_; } // stdout is a terminal that can do it
    std::size_t columns() const;
    std::size_t rows() const;
    void draw(const std::vector<std::string>& lines);

  private:
    const bool usable_;
    std::size_t drawn_ = 0; // lines
};

} // namespace mneme::cli
