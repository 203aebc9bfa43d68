// SPDX-License-Identifier: Apache-2.0
// One benchmark of many files. Their blocks are added one after another and need not stay: what is
// kept in memory is what the merged file says about all runs, and of each run where it was put and
// what decides whether it counts (some hundred bytes).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "layout.hpp"
#include "merge_agreement.hpp"
#include "run_store.hpp"
#include "shared_arrays.hpp"
#include "variants.hpp"

namespace mneme::results {

class BenchmarkMerge final {
  public:
    explicit BenchmarkMerge(RunStore& store) : store_(store) {}

    // Throws where the block does not agree with those before. The source outlives this.
    void add(const Block&, const std::string& source);
    const std::string& first_source() const { return *parts_.front().source; }

    // When all were added: which run stands where, the best outcome that a file has of it. Throws
    // where two files have different results of one run.
    void decide(const std::vector<std::string>& all_sources);

    // Then: everything but the numbers of runs. Of their arrays it has the shapes, and any values.
    const Block& head() const { return head_; }
    Block& head() { return head_; }
    std::size_t runs() const { return runs_; } // those that are not missing

    // These methods under so many seeds from one on, by their numbers in the head.
    Block part(const std::vector<std::size_t>& methods, std::size_t first_seed,
               std::size_t seeds) const;

  private:
    using Units = std::map<std::string, std::pair<std::string, std::string>>; // of diagnostics

    void add_heads(const Block&);
    void add_part(const Block&, const std::string& source);
    void choose(const Variant&);
    void require_equal(const Row& one, std::size_t i, const Row& row, std::size_t j) const;
    void name_diagnostics(const Row&, const std::string& label);
    std::string diagnostic_name(const std::string& name, const std::string& units,
                                const std::string& label) const;
    void make_head(const std::vector<Variant>&);
    Block room(std::vector<std::string> labels, std::vector<std::int32_t> seeds) const;
    void copy(const Block& run, const std::string& label, Block& to, std::size_t at) const;
    std::size_t place_of(std::int32_t seed) const; // among seeds_

    RunStore& store_;
    Agreement agreement_;
    Block head_;                          // of the first, until all is decided
    std::map<Axis, std::size_t> longest_; // of all parts
    std::set<const char*> recorded_;      // paths of facts that a part has
    SharedArrays shared_;
    std::set<Texts> texts_; // of provenance
    std::set<Units> units_;
    std::deque<Part> parts_;
    std::vector<std::int32_t> seeds_;                  // ascending, once decided
    std::vector<std::optional<std::uint64_t>> places_; // [method, seed] in the store
    Units diagnostics_;                                // by their names in the merged file
    std::size_t runs_ = 0;
};

} // namespace mneme::results
