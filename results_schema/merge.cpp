// SPDX-License-Identifier: Apache-2.0
#include <results/results.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <type_traits>

#include <base/concat.hpp>
#include "groups.hpp"
#include "layout.hpp"
#include "variants.hpp"

namespace mneme::results {

using base::concat;

namespace {

template <class T> T missing() {
    if constexpr (std::is_floating_point_v<T>) return std::numeric_limits<T>::quiet_NaN();
    else if constexpr (std::is_same_v<T, std::string>) return {};
    else return -1;
}

class BlockMerge final {
  public:
    BlockMerge(std::vector<Part> parts, const std::vector<std::string>& all_sources)
        : parts_(std::move(parts)), all_sources_(all_sources) {}

    Block merge() {
        for (const Part& part : parts_) require_agreement(part);
        variants_ = variants_of(parts_, all_sources_);
        start();
        for (std::size_t v = 0; v < variants_.size(); ++v) {
            for (std::size_t n = 0; n < merged_.seeds.size(); ++n) copy_best(v, n);
            copy_provenance(v);
        }
        for (const Part& part : parts_) copy_shared(part);
        return std::move(merged_);
    }

  private:
    const Part& first() const { return parts_.front(); }

    template <class... Parts>
    [[noreturn]] void refuse(const Part& part, const Parts&... parts) const {
        throw std::runtime_error(
            concat(part.source, ": benchmark '", part.block->benchmark, "': ", parts...));
    }

    void require_agreement(const Part& part) {
        const Block &a = *part.block, &b = *first().block;
        if (a.digest != b.digest)
            refuse(part, "its digest ", a.digest, " differs from ", b.digest, " in ",
                   first().source,
                   "; two benchmarks of one name cannot be merged, collect them apart");
        if (a.evaluated_on != b.evaluated_on)
            refuse(part, "it is evaluated on ", a.evaluated_on, ", that of ", first().source,
                   " on ", b.evaluated_on, "; collect them apart");
        if (a.tasks != b.tasks)
            refuse(part, "its tasks differ from those in ", first().source, "; collect them apart");
        for (const auto& [path, axis] :
             {std::pair("classes", Axis::true_class), std::pair("curve points", Axis::point),
              std::pair("original classes", Axis::original_class)})
            if (length(a, axis) > 0) agree_on_length(part, path, length(a, axis));
        if (!a.class_map.empty()) agree_on_class_map(part);
        for (std::size_t t = 0; t < a.tasks.size(); ++t) {
            agree(part, "n_evaluated", 0, t, std::to_string(a.n_evaluated.data[t]),
                  a.n_evaluated.data[t] == -1);
            for (std::size_t n = 0; n < a.seeds.size(); ++n) {
                const std::string& digest = a.data_digest.data[n * a.tasks.size() + t];
                agree(part, "data_digest", a.seeds[n], t, digest, digest.empty());
            }
        }
    }

    void agree_on_class_map(const Part& part) {
        const auto& map = part.block->class_map;
        for (std::size_t n = 0; n < map.shape[0]; ++n) {
            const auto begin = map.data.begin() + static_cast<std::ptrdiff_t>(n * map.shape[1]);
            const std::vector<std::int32_t> row(begin,
                                                begin + static_cast<std::ptrdiff_t>(map.shape[1]));
            const std::int32_t seed = part.block->seeds[n];
            const auto [said, is_new] = class_maps_.try_emplace(seed, row, part.source);
            if (!is_new && said->second.first != row)
                refuse(part, "its class_map of seed ", seed, " differs from that in ",
                       said->second.second, "; only runs over equal data can be compared");
        }
    }

    void agree_on_length(const Part& part, const std::string& what, std::size_t size) {
        const auto [said, is_new] = lengths_.try_emplace(what, size, part.source);
        if (!is_new && said->second.first != size)
            refuse(part, "it has ", size, " ", what, ", that of ", said->second.second, " has ",
                   said->second.first, "; collect them apart");
    }

    // Whoever said it first is right.
    void agree(const Part& part, const std::string& what, std::int32_t seed, std::size_t task,
               const std::string& value, bool unknown) {
        if (unknown) return;
        const auto [said, is_new] = said_.try_emplace({what, seed, task}, value, part.source);
        if (!is_new && said->second.first != value)
            refuse(part, what, " of task '", part.block->tasks[task], "'",
                   what == "data_digest" ? concat(", seed ", seed) : "", " is ", value, ", in ",
                   said->second.second, " it is ", said->second.first,
                   "; only runs over equal data can be compared");
    }

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
                            &Block::scenario, &Block::evaluated_on})
            merged_.*member = b.*member;
        merged_.chance_accuracy = b.chance_accuracy;
        merged_.limit_train = b.limit_train;
        merged_.limit_test = b.limit_test;
        for (const Part& part : parts_) // more looks promise less: the merge promises no more
            if (part.block->looks.size() > merged_.looks.size()) merged_.looks = part.block->looks;
        for (const Fact& fact : facts()) // optional arrays: there when a part has them
            std::visit(
                [&](auto member) {
                    make_room(fact, member, fact.axes.empty() ? 0 : longest(fact.axes.back()));
                },
                fact.member);
    }

    template <class T> void make_room(const Fact& fact, Member<T> member, std::size_t last) {
        if (fact.required) return;
        const bool used = std::any_of(parts_.begin(), parts_.end(), [&](const Part& part) {
            return !(part.block->*member).empty();
        });
        if (!used) {
            merged_.*member = {};
        } else if ((merged_.*member).empty()) {
            auto sizes = shape(merged_, fact.axes);
            sizes.back() = last;
            merged_.*member = Array<T>(sizes, missing<T>());
        }
    }

    // The best outcome that a file has of this seed, the first found among equals.
    void copy_best(std::size_t v, std::size_t n) {
        const std::int32_t seed = merged_.seeds[n];
        const Row* best = nullptr;
        for (const Row& row : variants_[v].rows) {
            const std::size_t i = seed_index(*row.part->block, seed);
            if (i == row.part->block->seeds.size()) continue;
            if (best) require_equal(*best, row, seed);
            if (!best || is_better(row, *best, seed)) best = &row;
        }
        if (best) copy(*best, seed_index(*best->part->block, seed), v, n);
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
            counts(one, i) == counts(row, j))
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

    // Everything behind [method, seed]. The last axis may be longer in `to` (weights of networks of
    // several sizes).
    template <class T>
    static void copy_run(const Array<T>& from, std::size_t source_run, Array<T>& to,
                         std::size_t run) {
        if (from.empty()) return;
        std::size_t rows = 1;
        for (std::size_t axis = 2; axis + 1 < from.shape.size(); ++axis) rows *= from.shape[axis];
        const std::size_t width = from.shape.size() > 2 ? from.shape.back() : 1,
                          wide = to.shape.size() > 2 ? to.shape.back() : 1;
        for (std::size_t r = 0; r < rows; ++r)
            std::copy_n(
                from.data.begin() + static_cast<std::ptrdiff_t>((source_run * rows + r) * width),
                width, to.data.begin() + static_cast<std::ptrdiff_t>((run * rows + r) * wide));
    }

    void copy_shared(const Part& part) {
        const Block& from = *part.block;
        const std::size_t T = from.tasks.size();
        for (std::size_t t = 0; t < T; ++t)
            if (from.n_evaluated.data[t] != -1)
                merged_.n_evaluated.data[t] = from.n_evaluated.data[t];
        for (std::size_t i = 0; i < from.seeds.size() * T; ++i)
            if (!from.data_digest.data[i].empty())
                merged_.data_digest.data[seed_index(merged_, from.seeds[i / T]) * T + i % T] =
                    from.data_digest.data[i];
        for (std::size_t i = 0; i < from.class_map.data.size(); ++i) {
            const std::size_t O = from.class_map.shape[1];
            merged_.class_map.data[seed_index(merged_, from.seeds[i / O]) * O + i % O] =
                from.class_map.data[i];
        }
        for (std::size_t k = 0; k < from.task_of_point.data.size(); ++k)
            if (from.task_of_point.data[k] != -1)
                merged_.task_of_point.data[k] = from.task_of_point.data[k];
    }

    const std::vector<Part> parts_;
    const std::vector<std::string>& all_sources_;
    std::map<std::tuple<std::string, std::int32_t, std::size_t>,
             std::pair<std::string, std::string>>
        said_;
    std::map<std::string, std::pair<std::size_t, std::string>> lengths_;
    std::map<std::int32_t, std::pair<std::vector<std::int32_t>, std::string>> class_maps_;
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
