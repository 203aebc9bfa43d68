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
#include <results/block.hpp>

namespace mneme::results {

// A benchmark as one file has it.
struct Told {
    const Block& block;
    const std::string& source; // outlives what is told here
};

template <class... Parts>
[[noreturn]] void refuse(const std::string& source, const std::string& benchmark,
                         const Parts&... parts) {
    throw std::runtime_error(base::concat(source, ": benchmark '", benchmark, "': ", parts...));
}

class Agreement final {
  public:
    void require(const Told&); // throws where it does not agree with those before

  private:
    template <class... Parts> [[noreturn]] void refuse(const Told&, const Parts&...) const;
    void agree_on_head(const Told&);
    void agree_on_class_map(const Told&);
    void agree_on_length(const Told&, const std::string& what, std::size_t size);
    void agree_on_network(const Told&);
    void agree_on_lines(const Told&);
    void agree(const Told&, const std::string& what, std::int32_t seed, std::size_t task,
               const std::string& value, bool unknown);

    template <class T> struct Said {
        T value;
        const std::string* source; // who said it first
    };
    Said<Block> first_ = {{}, nullptr}; // without its arrays
    std::map<std::tuple<std::string, std::int32_t, std::size_t>, Said<std::string>> said_;
    std::map<std::string, Said<std::size_t>> lengths_;
    std::map<std::int32_t, Said<std::vector<std::int32_t>>> class_maps_;
    Said<std::string> network_ = {"", nullptr};
    std::map<std::size_t, Said<std::pair<std::int32_t, std::int32_t>>> lines_; // from and to
};

} // namespace mneme::results
