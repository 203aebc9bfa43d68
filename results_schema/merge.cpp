// SPDX-License-Identifier: Apache-2.0
#include <results/results.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <type_traits>

#include <base/concat.hpp>
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
    BlockMerge(std::vector<Part> parts, const std::map<std::string, std::string>& tag_of)
        : parts_(std::move(parts)), tag_of_(tag_of) {}

    Block merge() {
        for (const Part& part : parts_) require_agreement(part);
        for (const Part& part : parts_)
            for (std::size_t m = 0; m < part.block->methods.size(); ++m) place({&part, m});
        start();
        for (std::size_t v = 0; v < variants_.size(); ++v)
            for (const Row& row : variants_[v].rows) copy(row, v);
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
             {std::pair("classes", Axis::true_class), std::pair("curve points", Axis::point)})
            if (length(a, axis) > 0) agree_on_length(part, path, length(a, axis));
        for (std::size_t t = 0; t < a.tasks.size(); ++t) {
            agree(part, "n_evaluated", 0, t, std::to_string(a.n_evaluated.data[t]),
                  a.n_evaluated.data[t] == -1);
            for (std::size_t n = 0; n < a.seeds.size(); ++n) {
                const std::string& digest = a.data_digest.data[n * a.tasks.size() + t];
                agree(part, "data_digest", a.seeds[n], t, digest, digest.empty());
            }
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

    void place(const Row& row) {
        const auto found = std::find_if(variants_.begin(), variants_.end(),
                                        [&](const Variant& variant) { return variant.takes(row); });
        const std::string& label = row.part->block->methods[row.method];
        if (found == variants_.end()) {
            variants_.push_back({free_label(label, row.part->source), label, {row}});
            return;
        }
        found->rows.push_back(row);
    }

    std::string free_label(const std::string& label, const std::string& source) const {
        const auto taken = [&](const std::string& text) {
            return std::any_of(variants_.begin(), variants_.end(),
                               [&](const Variant& variant) { return variant.label == text; });
        };
        std::string text = label;
        for (int i = 1; taken(text); ++i)
            text = i == 1 ? concat(label, "@", tag_of_.at(source))
                          : concat(label, "@", tag_of_.at(source), ".", i);
        return text;
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
        for (const Fact& fact : facts()) // optional arrays: there when a part has them
            std::visit([&](auto member) { make_room(fact, member, longest(Axis::parameter)); },
                       fact.member);
    }

    template <class T> void make_room(const Fact& fact, Member<T> member, std::size_t parameters) {
        if (fact.required) return;
        const bool used = std::any_of(parts_.begin(), parts_.end(), [&](const Part& part) {
            return !(part.block->*member).empty();
        });
        if (!used) {
            merged_.*member = {};
        } else if ((merged_.*member).empty()) {
            auto sizes = shape(merged_, fact.axes);
            if (fact.axes.back() == Axis::parameter) sizes.back() = parameters;
            merged_.*member = Array<T>(sizes, missing<T>());
        }
    }

    void copy(const Row& row, std::size_t v) {
        const Block& from = *row.part->block;
        for (std::size_t i = 0; i < from.seeds.size(); ++i) {
            const std::size_t n = seed_index(merged_, from.seeds[i]),
                              run = v * merged_.seeds.size() + n;
            if (merged_.outcome.data[run] != static_cast<std::int32_t>(Outcome::missing))
                continue; // copied before
            if (!ran(row, i) && !merged_.outcome_message.data[run].empty())
                continue; // why it is missing was said before
            for (const Fact& fact : facts())
                if (fact.axes.front() == Axis::method)
                    std::visit(
                        [&](auto member) {
                            copy_run(from.*member, row.method * from.seeds.size() + i,
                                     merged_.*member, run);
                        },
                        fact.member);
        }
        const auto found = from.provenance.find(variants_[v].original);
        if (found == from.provenance.end()) return;
        if (ran(row) && told_.insert(v).second)
            merged_.provenance[variants_[v].label] = found->second; // of the first run found
        merged_.provenance.try_emplace(variants_[v].label, found->second);
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
        for (std::size_t k = 0; k < from.task_of_point.data.size(); ++k)
            if (from.task_of_point.data[k] != -1)
                merged_.task_of_point.data[k] = from.task_of_point.data[k];
    }

    const std::vector<Part> parts_;
    const std::map<std::string, std::string>& tag_of_;
    std::map<std::tuple<std::string, std::int32_t, std::size_t>,
             std::pair<std::string, std::string>>
        said_;
    std::map<std::string, std::pair<std::size_t, std::string>> lengths_;
    std::vector<Variant> variants_;
    std::set<std::size_t> told_; // variants whose provenance is that of a run
    Block merged_;
};

} // namespace

File merge(const std::vector<File>& files, const std::vector<std::string>& sources) {
    if (files.empty() || files.size() != sources.size())
        throw std::runtime_error(concat("merge: ", files.size(), " files with ", sources.size(),
                                        " names; at least one, each with its name"));
    const auto tag_of = tags(sources);
    File merged;
    std::vector<std::pair<std::string, std::vector<Part>>> benchmarks; // in the order found
    for (std::size_t f = 0; f < files.size(); ++f) {
        if (merged.title.empty()) merged.title = files[f].title;
        merged.notes.insert(merged.notes.end(), files[f].notes.begin(), files[f].notes.end());
        for (const Block& block : files[f].blocks) {
            require_consistent(sources[f], block);
            auto found = std::find_if(benchmarks.begin(), benchmarks.end(), [&](const auto& entry) {
                return entry.first == block.benchmark;
            });
            if (found == benchmarks.end())
                found = benchmarks.insert(benchmarks.end(), {block.benchmark, {}});
            found->second.push_back({&block, sources[f]});
        }
    }
    for (auto& [name, parts] : benchmarks)
        merged.blocks.push_back(BlockMerge(std::move(parts), tag_of).merge());
    return merged;
}

} // namespace mneme::results
