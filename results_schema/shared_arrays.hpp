// SPDX-License-Identifier: Apache-2.0
// Arrays of a benchmark that are not of single runs: of all of them, or of each seed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <results/block.hpp>

namespace mneme::results {

class SharedArrays final {
  public:
    void take(const Block&); // what it knows of them; a later one knows better
    void give(Block&) const; // which has room for them; of seeds those that it has

  private:
    template <class T> using Rows = std::map<std::int32_t, std::vector<T>>; // by seed

    Block all_; // without arrays of seeds and runs
    Rows<std::string> data_digest_;
    Rows<std::int32_t> class_map_, pair_seed_;
    Rows<std::uint16_t> labels_;
};

} // namespace mneme::results
