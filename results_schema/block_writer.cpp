// SPDX-License-Identifier: Apache-2.0
#include "block_writer.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace mneme::results {

namespace {

std::string looks_text(const std::vector<std::int32_t>& looks) {
    std::string text;
    for (std::int32_t seeds : looks) text += (text.empty() ? "" : " ") + std::to_string(seeds);
    return text;
}

bool is_of_runs(const Axes& axes) { // of methods and seeds; of methods alone are their numbers
    return axes.size() > 1 && axes.front() == Axis::method;
}

} // namespace

void BlockWriter::write() { all(); }

void BlockWriter::begin() {
    runs_follow_ = true;
    all();
}

void BlockWriter::all() {
    head();
    for (Axis axis : all_axes)
        if (length(block_, axis) > 0) scale(axis);
    for (const Fact& fact : facts()) {
        if (!recorded(block_, fact.path)) continue;
        const auto one = [&]<class T>(Member<T> member) {
            std::optional<T> fill;
            if constexpr (std::is_integral_v<T>)
                if (fact.minus_one_is_missing) fill = static_cast<T>(-1);
            array<T>(
                fact.path, fact.axes, [&]() -> const auto& { return (block_.*member).data; },
                fact.units, fact.long_name, fill);
        };
        std::visit(one, fact.member);
    }
    for (const Derived& entry : derived()) {
        if (!applies(entry, block_)) continue;
        array<double>(
            entry.path, entry.axes, [&] { return entry.value(block_).data; }, "1", entry.long_name);
        for (const auto& [name, text] : entry.notes) out_.attribute(at(entry.path), name, text);
    }
    for (const auto& [name, diagnostic] : block_.diagnostics)
        array<double>(
            std::string(diagnostics_group) + "/" + name,
            diagnostic_axes, [&]() -> const auto& { return diagnostic.values.data; },
            diagnostic.units.empty() ? "1" : diagnostic.units, diagnostic.help);
    array<std::string>(
        "outcome", {Axis::method, Axis::seed}, [&] { return outcome_names(block_); }, "",
        "how the run ended");
    provenance();
    octave();
}

void BlockWriter::fill(const Runs& runs) {
    for (const Fact& fact : facts())
        if (is_of_runs(fact.axes) && recorded(block_, fact.path))
            std::visit(
                [&](auto member) { fill(runs, fact.path, fact.axes, (runs.block.*member).data); },
                fact.member);
    for (const Derived& entry : derived())
        if (is_of_runs(entry.axes) && applies(entry, block_))
            fill(runs, entry.path, entry.axes, entry.value(runs.block).data);
    for (const auto& [name, diagnostic] : runs.block.diagnostics)
        fill(runs, std::string(diagnostics_group) + "/" + name, diagnostic_axes,
             diagnostic.values.data);
    fill(runs, "outcome", {Axis::method, Axis::seed}, outcome_names(runs.block));
}

template <class T>
void BlockWriter::fill(const Runs& runs, const std::string& path, const Axes& axes,
                       const std::vector<T>& values) {
    std::vector<std::size_t> sizes = shape(runs.block, axes);
    const std::size_t skipped = runs.skip * (values.size() / sizes[0]);
    sizes[0] -= runs.skip;
    out_.fill(at(path), {runs.first_method, runs.first_seed}, sizes, values.data() + skipped);
}

template <class T, class Values>
void BlockWriter::array(const std::string& path, const Axes& axes, const Values& values,
                        const std::string& units, const std::string& long_name,
                        std::optional<T> fill) {
    if (runs_follow_ && is_of_runs(axes)) out_.unfilled(at(path), shape(block_, axes), fill);
    else out_.dataset(at(path), shape(block_, axes), values(), fill);
    for (unsigned i = 0; i < axes.size(); ++i) out_.attach(at(path), i, at(scale_path(axes[i])));
    if (!units.empty()) out_.attribute(at(path), "units", units);
    out_.attribute(at(path), "long_name", long_name);
}

void BlockWriter::head() {
    out_.group(base_);
    const std::pair<const char*, const std::string*> texts[] = {
        {"benchmark_version", &block_.version},
        {"benchmark_digest", &block_.digest},
        {"benchmark_toml", &block_.toml},
        {"scenario", &block_.scenario},
        {"evaluated_on", &block_.evaluated_on}};
    for (const auto& [name, text] : texts) out_.attribute(base_, name, *text);
    out_.attribute(base_, "chance_accuracy", block_.chance_accuracy);
    if (block_.limit_train > 0 || block_.limit_test > 0) {
        out_.attribute(base_, "limit_train", block_.limit_train);
        out_.attribute(base_, "limit_test", block_.limit_test);
    }
    if (!block_.looks.empty()) out_.attribute(base_, "looks", looks_text(block_.looks));
    if (block_.evaluate != "all") {
        out_.attribute(base_, "evaluate", block_.evaluate);
        out_.attribute<std::string>(base_, "not_evaluated_because", not_evaluated_because(block_));
    }
    if (!block_.network_layers.empty())
        out_.attribute(base_, "network_layers", block_.network_layers);
    if (!block_.added_metrics.empty())
        out_.attribute(base_, "added_metrics", joined(block_.added_metrics));
    for (const std::string& group : array_groups(block_)) out_.group(at(group));
    out_.group(at("provenance"));
}

// The scale, and for names also the numbers, for readers without strings.
void BlockWriter::scale(Axis axis) {
    const std::string path = scale_path(axis),
                      name = path.substr(path.find('/') + 1); // string::npos + 1 is 0
    if (const auto* texts = strings(block_, axis)) {
        out_.dataset(at(path), {texts->size()}, *texts);
        out_.make_scale(at(path), name);
        array<std::int32_t>(
            path + "_index", {axis}, [&] { return numbers(block_, axis); }, "1",
            "number on axis " + path + ", from 1");
    } else {
        out_.dataset(at(path), {length(block_, axis)}, numbers(block_, axis));
        out_.make_scale(at(path), name);
        out_.attribute<std::string>(at(path), "units", "1");
    }
}

void BlockWriter::provenance() {
    for (const auto& [label, texts] : block_.provenance) {
        out_.group(at("provenance/" + label));
        for (const auto& [name, text] : texts)
            out_.attribute(at("provenance/" + label), name, text);
    }
}

// Octave gives up on a group at the first variable-length string. Marked as its own kind of
// group it reads `value` instead, which links to everything without strings.
void BlockWriter::octave() {
    out_.attribute<std::int32_t>(base_, "OCTAVE_NEW_FORMAT", 1);
    out_.fixed_text(at("type"), "scalar struct");
    out_.group(at("value"));
    for (const std::string& name : number_links(block_))
        out_.soft_link(at("value/" + name), at(name));
}

} // namespace mneme::results
