// SPDX-License-Identifier: Apache-2.0
#include <results/results.hpp>

#include <algorithm>
#include <limits>
#include <set>
#include <stdexcept>
#include <type_traits>

#include <base/concat.hpp>
#include "groups.hpp"
#include "layout.hpp"
#include "merge_agreement.hpp"
#include "variants.hpp"

namespace mneme::results {

using base::concat;

namespace {

template <class T> T missing() {
    if constexpr (std::is_floating_point_v<T>) return std::numeric_limits<T>::quiet_NaN();
    else if constexpr (std::is_same_v<T, std::string>) return {};
    else return static_cast<T>(-1);
}

class BlockMerge final {
  public:
    BlockMerge(std::vector<Part> parts, const std::vector<std::string>& all_sources)
        : parts_(std::move(parts)), all_sources_(all_sources) {}

    Block merge() {
        Agreement agreement(first());
        for (const Part& part : parts_) agreement.require(part);
        variants_ = variants_of(parts_, all_sources_);
        start();
        for (std::size_t v = 0; v < variants_.size(); ++v) {
            copy_best_runs(v);
            copy_provenance(v);
        }
        for (const Part& part : parts_) copy_shared(part);
        return std::move(merged_);
    }

  private:
    const Part& first() const { return parts_.front(); }

    void start() {
        const Block& b = *first().block;
        std::set<std::int32_t> seeds;
        for (const Part& part : parts_)
            seeds.insert(part.block->seeds.begin(), part.block->seeds.end());
        std::vector<std::string> labels;
        for (const Variant& variant : variants_) labels.push_back(variant.label);
        const auto longest = [&](Axis axis) {
            std::size_t size = 0;
            for (const Part& part : parts_) size = std::max(size, length(*part.block, axis));
            return size;
        };
        merged_ = Block::blank(labels, {seeds.begin(), seeds.end()}, b.tasks,
                               longest(Axis::true_class), longest(Axis::point));
        for (auto member : {&Block::benchmark, &Block::version, &Block::digest, &Block::toml,
                            &Block::scenario, &Block::evaluated_on, &Block::evaluate})
            merged_.*member = b.*member;
        merged_.chance_accuracy = b.chance_accuracy;
        merged_.limit_train = b.limit_train;
        merged_.limit_test = b.limit_test;
        for (const Part& part : parts_) // more looks promise less: the merge promises no more
            if (part.block->looks.size() > merged_.looks.size()) merged_.looks = part.block->looks;
        for (const Part& part : parts_)
            for (const std::string& name : part.block->added_metrics)
                if (auto& all = merged_.added_metrics;
                    std::find(all.begin(), all.end(), name) == all.end())
                    all.push_back(name);
        for (const Fact& fact : facts()) // optional arrays: there when a part has them
            std::visit(
                [&](auto member) {
                    std::vector<std::size_t> sizes;
                    for (Axis axis : fact.axes)
                        sizes.push_back(axis == Axis::method ? labels.size()
                                        : axis == Axis::seed ? seeds.size()
                                                             : longest(axis));
                    make_room(fact, member, sizes);
                },
                fact.member);
    }

    template <class T>
    void make_room(const Fact& fact, Member<T> member, const std::vector<std::size_t>& sizes) {
        if (fact.required) return;
        const bool used = std::any_of(parts_.begin(), parts_.end(), [&](const Part& part) {
            return !(part.block->*member).empty();
        });
        if (!used) {
            merged_.*member = {};
        } else if ((merged_.*member).empty()) {
            merged_.*member = Array<T>(sizes, missing<T>());
        }
    }

    // Of each seed the best outcome that a file has, the first found among equals.
    void copy_best_runs(std::size_t v) {
        std::map<std::int32_t, std::vector<const Row*>> rows_of; // each seed once: files are many
        for (const Row& row : variants_[v].rows)
            for (const std::int32_t seed : row.part->block->seeds) rows_of[seed].push_back(&row);
        for (std::size_t n = 0; n < merged_.seeds.size(); ++n) {
            const std::int32_t seed = merged_.seeds[n];
            const Row* best = nullptr;
            for (const Row* row : rows_of[seed]) {
                if (best) require_equal(*best, *row, seed);
                if (!best || is_better(*row, *best, seed)) best = row;
            }
            if (best) copy(*best, seed_index(*best->part->block, seed), v, n);
        }
    }

    // Of two that are missing the better one says why.
    static bool is_better(const Row& row, const Row& than, std::int32_t seed) {
        const std::size_t i = seed_index(*row.part->block, seed),
                          j = seed_index(*than.part->block, seed);
        if (rank(outcome(row, i)) != rank(outcome(than, j)))
            return rank(outcome(row, i)) < rank(outcome(than, j));
        return !ran(row, i) && message(than, j).empty() && !message(row, i).empty();
    }

    static const std::string& message(const Row& row, std::size_t seed) {
        const Block& block = *row.part->block;
        return block.outcome_message.data[row.method * block.seeds.size() + seed];
    }

    // What a failed run has counted depends on when it failed; a complete or diverged one has only
    // one truth.
    void require_equal(const Row& one, const Row& row, std::int32_t seed) const {
        const std::size_t i = seed_index(*one.part->block, seed),
                          j = seed_index(*row.part->block, seed);
        if (outcome(one, i) != outcome(row, j) || rank(outcome(row, j)) > rank(Outcome::diverged) ||
            (counts(one, i) == counts(row, j) && reported(one, i) == reported(row, j)))
            return;
        refuse(*row.part, "method '", row.part->block->methods[row.method], "', seed ", seed,
               " is ", name(outcome(row, j)), " with other counts than in ", one.part->source,
               "; one method and seed has one result, remove one of the two files or collect them "
               "apart");
    }

    void copy(const Row& row, std::size_t i, std::size_t v, std::size_t n) {
        const Block& from = *row.part->block;
        const std::size_t source = row.method * from.seeds.size() + i,
                          run = v * merged_.seeds.size() + n;
        for (const Fact& fact : facts())
            if (fact.axes.front() == Axis::method)
                std::visit(
                    [&](auto member) { copy_run(from.*member, source, merged_.*member, run); },
                    fact.member);
        for (const auto& [name, diagnostic] : from.diagnostics)
            copy_run(diagnostic.values, source,
                     merged_diagnostic(name, diagnostic, variants_[v].label).values, run);
    }

    // Two methods may give one name to things in different units.
    Diagnostic& merged_diagnostic(const std::string& name, const Diagnostic& from,
                                  const std::string& label) {
        const Array<double> unknown(shape(merged_, diagnostic_axes), missing<double>());
        Diagnostic& first =
            merged_.diagnostics.try_emplace(name, Diagnostic{from.units, from.help, unknown})
                .first->second;
        if (first.units == from.units) return first;
        return merged_.diagnostics
            .try_emplace(name + "@" + label, Diagnostic{from.units, from.help, unknown})
            .first->second;
    }

    // Told by a run that trained to the end, where there is one: the record of a crash knows less.
    void copy_provenance(std::size_t v) {
        const std::map<std::string, std::string>* told = nullptr;
        int best = 4;
        for (const Row& row : variants_[v].rows) {
            const auto found = row.part->block->provenance.find(variants_[v].original);
            if (found == row.part->block->provenance.end()) continue;
            for (std::size_t i = 0; i < row.part->block->seeds.size(); ++i)
                if (const int r = std::max(1, rank(outcome(row, i))); r < best) {
                    best = r;
                    told = &found->second;
                }
        }
        if (told) merged_.provenance[variants_[v].label] = *told;
    }

    // Everything behind [method, seed]. Axes may be longer in `to`: weights of networks of several
    // sizes, evaluations within tasks of several lengths.
    template <class T>
    static void copy_run(const Array<T>& from, std::size_t source_run, Array<T>& to,
                         std::size_t run) {
        if (from.empty()) return;
        std::size_t source = source_run, target = run;
        for (std::size_t axis = 2; axis < from.shape.size(); ++axis)
            source *= from.shape[axis], target *= to.shape[axis];
        copy_axis(from, source, to, target, 2);
    }

    template <class T>
    static void copy_axis(const Array<T>& from, std::size_t source, Array<T>& to,
                          std::size_t target, std::size_t axis) {
        if (axis == from.shape.size()) {
            to.data[target] = from.data[source];
            return;
        }
        std::size_t step = 1, wide = 1; // from one index on this axis to the next
        for (std::size_t k = axis + 1; k < from.shape.size(); ++k)
            step *= from.shape[k], wide *= to.shape[k];
        if (step == wide) {
            std::copy_n(from.data.begin() + static_cast<std::ptrdiff_t>(source),
                        from.shape[axis] * step,
                        to.data.begin() + static_cast<std::ptrdiff_t>(target));
            return;
        }
        for (std::size_t i = 0; i < from.shape[axis]; ++i)
            copy_axis(from, source + i * step, to, target + i * wide, axis + 1);
    }

    void copy_shared(const Part& part) {
        const Block& from = *part.block;
        const std::size_t T = from.tasks.size();
        if (!from.network_layers.empty()) merged_.network_layers = from.network_layers;
        // Shorter where a part knows less: its beginning is that of the others.
        for (auto member :
             {&Block::continual_evaluated, &Block::geometry_evaluated, &Block::geometry_pair_from,
              &Block::geometry_pair_to, &Block::geometry_plane_first, &Block::geometry_plane_second,
              &Block::geometry_plane_third})
            std::copy((from.*member).data.begin(), (from.*member).data.end(),
                      (merged_.*member).data.begin());
        for (auto member : {&Block::geometry_position, &Block::geometry_plane_position})
            std::copy((from.*member).data.begin(), (from.*member).data.end(),
                      (merged_.*member).data.begin());
        copy_of_seeds(from, &Block::geometry_pair_seed);
        copy_of_seeds(from, &Block::labels);
        for (std::size_t t = 0; t < T; ++t)
            if (from.n_evaluated.data[t] != -1)
                merged_.n_evaluated.data[t] = from.n_evaluated.data[t];
        for (std::size_t i = 0; i < from.seeds.size() * T; ++i)
            if (!from.data_digest.data[i].empty())
                merged_.data_digest.data[place_of(from.seeds[i / T]) * T + i % T] =
                    from.data_digest.data[i];
        copy_of_seeds(from, &Block::class_map);
        for (std::size_t k = 0; k < from.task_of_point.data.size(); ++k)
            if (from.task_of_point.data[k] != -1)
                merged_.task_of_point.data[k] = from.task_of_point.data[k];
    }

    template <class T> void copy_of_seeds(const Block& from, Member<T> member) { // [seed, ...]
        const Array<T>& array = from.*member;
        for (std::size_t i = 0; i < array.data.size(); ++i) {
            const std::size_t size = array.shape[1], wide = (merged_.*member).shape[1];
            (merged_.*member).data[place_of(from.seeds[i / size]) * wide + i % size] =
                array.data[i];
        }
    }

    // In the merged block, whose seeds ascend: a search along them would be one for each file.
    std::size_t place_of(std::int32_t seed) const {
        const auto& seeds = merged_.seeds;
        return static_cast<std::size_t>(std::lower_bound(seeds.begin(), seeds.end(), seed) -
                                        seeds.begin());
    }

    const std::vector<Part> parts_;
    const std::vector<std::string>& all_sources_;
    std::vector<Variant> variants_;
    Block merged_;
};

} // namespace

File merge(const std::vector<File>& files, const std::vector<std::string>& sources) {
    if (files.empty() || files.size() != sources.size())
        throw std::runtime_error(concat("merge: ", files.size(), " files with ", sources.size(),
                                        " names; expected at least one, each with its name"));
    File merged;
    for (const File& file : files) {
        if (merged.title.empty()) merged.title = file.title;
        merged.notes.insert(merged.notes.end(), file.notes.begin(), file.notes.end());
    }
    const std::vector<Group> groups = groups_of(files, sources);
    for (const Group& group : groups) {
        const bool alone = std::count_if(groups.begin(), groups.end(), [&](const Group& other) {
                               return other.name == group.name;
                           }) == 1;
        merged.blocks.push_back(BlockMerge(group.parts, sources).merge());
        merged.blocks.back().benchmark = alone ? group.name : group.name + group.suffix;
        if (!alone)
            merged.notes.push_back(
                concat(group.parts[0].source, ": benchmark '", group.name, "' with ",
                       group.suffix.empty() ? "all examples" : group.suffix.substr(1),
                       " is kept apart as '", group.name, group.suffix,
                       "'; runs over different numbers of examples cannot be compared"));
    }
    return merged;
}

} // namespace mneme::results
