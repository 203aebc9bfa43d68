// SPDX-License-Identifier: Apache-2.0
// One benchmark's group of a results file.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "hdf5_output.hpp"
#include "layout.hpp"

namespace mneme::results {

class BlockWriter final {
  public:
    BlockWriter(Output& out, const Block& block)
        : out_(out), block_(block), base_("/" + block.benchmark) {}

    void write(); // all of the block

    // All but the numbers of its runs: of those the block has the shapes, and any values. Then runs
    // are filled in, those of every method and seed once. Their block begins with `skip` methods
    // that are not written, which formulas look at.
    struct Runs {
        const Block& block;
        std::size_t skip, first_method, first_seed; // the latter two: where they stand in the whole
    };
    void begin();
    void fill(const Runs&);

  private:
    std::string at(const std::string& path) const { return base_ + "/" + path; }
    void all();
    void head();
    void scale(Axis);
    void provenance();
    void octave();

    // One array; `values` are asked for where they are written now.
    template <class T, class Values>
    void array(const std::string& path, const Axes&, const Values& values, const std::string& units,
               const std::string& long_name, std::optional<T> fill = std::nullopt);
    template <class T>
    void fill(const Runs&, const std::string& path, const Axes&, const std::vector<T>& values);

    Output& out_;
    const Block& block_;
    const std::string base_;
    bool runs_follow_ = false;
};

} // namespace mneme::results
