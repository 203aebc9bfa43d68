// SPDX-License-Identifier: Apache-2.0
// What runs of one benchmark must have in common before they stand in one file. Whoever says a
// thing first is right; the message names who says otherwise.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <base/concat.hpp>
#include "variants.hpp"

namespace mneme::results {

template <class... Parts> [[noreturn]] void refuse(const Part& part, const Parts&... parts) {
    throw std::runtime_error(
        base::concat(part.source, ": benchmark '", part.block->benchmark, "': ", parts...));
}

class Agreement final {
  public:
    explicit Agreement(const Part& first) : first_(first) {}
    void require(const Part&); // throws where it does not agree with those before

  private:
    void agree_on_class_map(const Part&);
    void agree_on_length(const Part&, const std::string& what, std::size_t size);
    void agree_on_network(const Part&);
    void agree_on_lines(const Part&);
    void agree(const Part&, const std::string& what, std::int32_t seed, std::size_t task,
               const std::string& value, bool unknown);

    const Part& first_;
    std::map<std::tuple<std::string, std::int32_t, std::size_t>,
             std::pair<std::string, std::string>>
        said_;
    std::map<std::string, std::pair<std::size_t, std::string>> lengths_;
    std::map<std::int32_t, std::pair<std::vector<std::int32_t>, std::string>> class_maps_;
    std::pair<std::string, std::string> network_; // its layers, and who said so
    std::map<std::size_t, std::pair<std::pair<std::int32_t, std::int32_t>, std::string>>
        lines_; // from and to, by number of the pair
};

} // namespace mneme::results
