// SPDX-License-Identifier: Apache-2.0
#include "benchmark_merge.hpp"

#include <algorithm>
#include <limits>
#include <type_traits>

namespace mneme::results {

namespace {

template <class T> T missing() {
    if constexpr (std::is_floating_point_v<T>) return std::numeric_limits<T>::quiet_NaN();
    else if constexpr (std::is_same_v<T, std::string>) return {};
    else return static_cast<T>(-1);
}

template <class T>
void copy_axis(const Array<T>& from, std::size_t source, Array<T>& to, std::size_t target,
               std::size_t axis) {
    if (axis == from.shape.size()) {
        to.data[target] = from.data[source];
        return;
    }
    std::size_t step = 1, wide = 1; // from one index on this axis to the next
    for (std::size_t k = axis + 1; k < from.shape.size(); ++k)
        step *= from.shape[k], wide *= to.shape[k];
    if (step == wide) {
        std::copy_n(from.data.begin() + static_cast<std::ptrdiff_t>(source),
                    from.shape[axis] * step, to.data.begin() + static_cast<std::ptrdiff_t>(target));
        return;
    }
    for (std::size_t i = 0; i < from.shape[axis]; ++i)
        copy_axis(from, source + i * step, to, target + i * wide, axis + 1);
}

// Everything behind [method, seed] of one run. Axes may be longer in `to`: weights of networks of
// several sizes, evaluations within tasks of several lengths.
template <class T> void copy_run(const Array<T>& from, Array<T>& to, std::size_t run) {
    if (from.empty()) return;
    for (std::size_t axis = 2; axis < from.shape.size(); ++axis) run *= to.shape[axis];
    copy_axis(from, 0, to, run, 2);
}

// What the parts of a benchmark have in common, but for the names of tasks.
void copy_head(const Block& from, Block& to) {
    for (auto member : {&Block::benchmark, &Block::version, &Block::digest, &Block::toml,
                        &Block::scenario, &Block::evaluated_on, &Block::evaluate})
        to.*member = from.*member;
    to.chance_accuracy = from.chance_accuracy;
    to.limit_train = from.limit_train;
    to.limit_test = from.limit_test;
}

// Of two that are missing the better one says why.
bool is_better(const Row& row, std::size_t j, const Row& than, std::size_t i) {
    const auto says_why = [](const Row& one, std::size_t seed) {
        const auto& messages = one.part->messages;
        return !messages.empty() && !messages[one.method * one.part->seeds.size() + seed].empty();
    };
    if (rank(outcome(row, j)) != rank(outcome(than, i)))
        return rank(outcome(row, j)) < rank(outcome(than, i));
    return !ran(row, j) && !says_why(than, i) && says_why(row, j);
}

std::uint64_t place(const Row& row, std::size_t seed) {
    return row.part->places[row.method * row.part->seeds.size() + seed];
}

// Told by a run that trained to the end, where there is one: the record of a crash knows less.
const Texts* provenance_of(const Variant& variant) {
    const Texts* told = nullptr;
    int best = 4;
    for (const Row& row : variant.rows)
        if (const Texts* texts = row.part->provenance[row.method])
            for (std::size_t i = 0; i < row.part->seeds.size(); ++i)
                if (const int r = std::max(1, rank(outcome(row, i))); r < best) {
                    best = r;
                    told = texts;
                }
    return told;
}

} // namespace

void BenchmarkMerge::add(const Block& block, const std::string& source) {
    agreement_.require({block, source});
    add_heads(block);
    shared_.take(block);
    add_part(block, source);
}

void BenchmarkMerge::add_heads(const Block& block) {
    if (parts_.empty()) {
        copy_head(block, head_);
        head_.tasks = block.tasks;
    }
    // More looks promise less: the merge promises no more.
    if (block.looks.size() > head_.looks.size()) head_.looks = block.looks;
    auto& added = head_.added_metrics;
    for (const std::string& name : block.added_metrics)
        if (std::find(added.begin(), added.end(), name) == added.end()) added.push_back(name);
    for (const Axis axis : all_axes) longest_[axis] = std::max(longest_[axis], length(block, axis));
    for (const Fact& fact : facts())
        if (recorded(block, fact.path)) recorded_.insert(fact.path);
}

void BenchmarkMerge::add_part(const Block& block, const std::string& source) {
    Part& part = parts_.emplace_back();
    part.source = &source;
    part.methods = block.methods;
    part.seeds = block.seeds;
    const std::size_t runs = block.outcome.data.size();
    const auto& messages = block.outcome_message.data;
    if (std::any_of(messages.begin(), messages.end(),
                    [](const std::string& text) { return !text.empty(); }))
        part.messages = messages;
    part.outcomes.reserve(runs);
    for (const std::int32_t code : block.outcome.data)
        part.outcomes.push_back(static_cast<Outcome>(code));
    for (const std::string& label : block.methods) {
        const auto told = block.provenance.find(label);
        part.provenance.push_back(
            told == block.provenance.end() ? nullptr : &*texts_.insert(told->second).first);
    }
    Units units;
    for (const auto& [name, diagnostic] : block.diagnostics)
        units[name] = {diagnostic.units, diagnostic.help};
    part.diagnostics = &*units_.insert(units).first;
    part.places.reserve(runs);
    for (std::size_t m = 0; m < block.methods.size(); ++m)
        for (std::size_t n = 0; n < block.seeds.size(); ++n)
            part.places.push_back(store_.put(block, m, n));
}

void BenchmarkMerge::decide(const std::vector<std::string>& all_sources) {
    std::set<std::int32_t> seeds;
    for (const Part& part : parts_) seeds.insert(part.seeds.begin(), part.seeds.end());
    seeds_.assign(seeds.begin(), seeds.end());
    const std::vector<Variant> variants = variants_of(parts_, all_sources);
    places_.reserve(variants.size() * seeds_.size());
    for (const Variant& variant : variants) choose(variant);
    make_head(variants);
    parts_.clear();
}

// Of each seed the best outcome that a file has, the first found among equals.
void BenchmarkMerge::choose(const Variant& variant) {
    struct Best {
        const Row* row = nullptr;
        std::size_t seed = 0; // in the row's part
    };
    std::vector<Best> best(seeds_.size());
    for (const Row& row : variant.rows)
        for (std::size_t j = 0; j < row.part->seeds.size(); ++j) {
            Best& known = best[place_of(row.part->seeds[j])];
            if (known.row) require_equal(*known.row, known.seed, row, j);
            if (!known.row || is_better(row, j, *known.row, known.seed)) known = {&row, j};
        }
    for (const Best& one : best) {
        places_.push_back(one.row ? std::optional(place(*one.row, one.seed)) : std::nullopt);
        if (!one.row) continue;
        name_diagnostics(*one.row, variant.label);
        runs_ += ran(*one.row, one.seed);
    }
}

// What a failed run has counted depends on when it failed; a complete or diverged one has only one
// truth.
void BenchmarkMerge::require_equal(const Row& one, std::size_t i, const Row& row,
                                   std::size_t j) const {
    if (outcome(one, i) != outcome(row, j) || rank(outcome(row, j)) > rank(Outcome::diverged))
        return;
    const Block a = store_.get(place(one, i)), b = store_.get(place(row, j));
    if (counts(a) == counts(b) && reported(a) == reported(b)) return;
    refuse(*row.part->source, head_.benchmark, "method '", row.part->methods[row.method],
           "', seed ", row.part->seeds[j], " is ", name(outcome(row, j)),
           " with other counts than in ", *one.part->source,
           "; one method and seed has one result, remove one of the two files or collect them "
           "apart");
}

// Two methods may give one name to things in different units.
void BenchmarkMerge::name_diagnostics(const Row& row, const std::string& label) {
    for (const auto& [name, of] : *row.part->diagnostics)
        if (diagnostics_.try_emplace(name, of).first->second.first != of.first)
            diagnostics_.try_emplace(name + "@" + label, of);
}

std::string BenchmarkMerge::diagnostic_name(const std::string& name, const std::string& units,
                                            const std::string& label) const {
    return diagnostics_.at(name).first == units ? name : name + "@" + label;
}

// Arrays of runs have room for one of them, but the shape of all.
void BenchmarkMerge::make_head(const std::vector<Variant>& variants) {
    Block head = room({variants.front().label}, {seeds_.front()});
    head.methods.clear();
    for (const Variant& variant : variants) {
        head.methods.push_back(variant.label);
        if (const Texts* told = provenance_of(variant)) head.provenance[variant.label] = *told;
    }
    head.seeds = seeds_;
    const auto stretch = [&]<class T>(Array<T>& array, const Axes& axes) {
        if (array.empty()) return;
        for (std::size_t i = 0; i < axes.size(); ++i)
            if (axes[i] == Axis::method || axes[i] == Axis::seed)
                array.shape[i] = length(head, axes[i]);
        if (axes.front() == Axis::seed) array = Array<T>(array.shape, missing<T>());
    };
    for (const Fact& fact : facts())
        std::visit([&](auto member) { stretch(head.*member, fact.axes); }, fact.member);
    for (const auto& [name, of] : diagnostics_) {
        Array<double> values({1, 1, head.tasks.size()}, missing<double>());
        stretch(values, diagnostic_axes);
        head.diagnostics[name] = {of.first, of.second, std::move(values)};
    }
    shared_.give(head);
    head_ = std::move(head);
}

Block BenchmarkMerge::room(std::vector<std::string> labels, std::vector<std::int32_t> seeds) const {
    Block block = Block::blank(std::move(labels), std::move(seeds), head_.tasks,
                               longest_.at(Axis::true_class), longest_.at(Axis::point));
    copy_head(head_, block);
    block.looks = head_.looks;
    block.added_metrics = head_.added_metrics;
    const auto size = [&](Axis axis) {
        return axis == Axis::method ? block.methods.size()
               : axis == Axis::seed ? block.seeds.size()
                                    : longest_.at(axis);
    };
    const auto make_room = [&]<class T>(const Fact& fact, Array<T>& array) {
        std::vector<std::size_t> sizes;
        for (const Axis axis : fact.axes) sizes.push_back(size(axis));
        if (!recorded_.contains(fact.path)) array = {};
        else if (array.empty()) array = Array<T>(sizes, missing<T>());
    };
    for (const Fact& fact : facts()) // optional arrays: there when a part has them
        if (!fact.required)
            std::visit([&](auto member) { make_room(fact, block.*member); }, fact.member);
    return block;
}

Block BenchmarkMerge::part(const std::vector<std::size_t>& methods, std::size_t first_seed,
                           std::size_t seeds) const {
    std::vector<std::string> labels;
    for (const std::size_t m : methods) labels.push_back(head_.methods[m]);
    const auto begin = seeds_.begin() + static_cast<std::ptrdiff_t>(first_seed);
    Block block = room(labels, {begin, begin + static_cast<std::ptrdiff_t>(seeds)});
    for (const std::string& label : labels)
        if (const auto told = head_.provenance.find(label); told != head_.provenance.end())
            block.provenance.insert(*told);
    for (const auto& [name, of] : diagnostics_)
        block.diagnostics[name] = {of.first, of.second,
                                   Array<double>(shape(block, diagnostic_axes), missing<double>())};
    shared_.give(block);
    for (std::size_t k = 0; k < methods.size(); ++k)
        for (std::size_t n = 0; n < seeds; ++n)
            if (const auto place = places_[methods[k] * seeds_.size() + first_seed + n])
                copy(store_.get(*place), labels[k], block, k * seeds + n);
    return block;
}

void BenchmarkMerge::copy(const Block& run, const std::string& label, Block& to,
                          std::size_t at) const {
    for (const Fact& fact : facts())
        if (fact.axes.front() == Axis::method)
            std::visit([&](auto member) { copy_run(run.*member, to.*member, at); }, fact.member);
    for (const auto& [name, diagnostic] : run.diagnostics)
        copy_run(diagnostic.values,
                 to.diagnostics.at(diagnostic_name(name, diagnostic.units, label)).values, at);
}

std::size_t BenchmarkMerge::place_of(std::int32_t seed) const {
    return static_cast<std::size_t>(std::lower_bound(seeds_.begin(), seeds_.end(), seed) -
                                    seeds_.begin());
}

} // namespace mneme::results
