// SPDX-License-Identifier: Apache-2.0
#include "layout.hpp"

#include <algorithm>
#include <cstring>
#include <set>
#include <stdexcept>

#include <base/concat.hpp>
#include <results/provenance.hpp>

namespace mneme::results {

using base::concat;

const std::vector<const char*>& provenance_keys() {
    static const std::vector<const char*> keys = [] {
        std::vector<const char*> required;
        const Provenance none;
        Provenance::each(none, [&](const char* name, const std::string&, bool everywhere) {
            if (everywhere) required.push_back(name);
        });
        return required;
    }();
    return keys;
}

const char* scale_path(Axis axis) {
    switch (axis) {
        case Axis::method: return "method";
        case Axis::seed: return "seed";
        case Axis::trained_task: return "trained_task";
        case Axis::evaluated_task: return "evaluated_task";
        case Axis::true_class: return "true_class";
        case Axis::predicted_class: return "predicted_class";
        case Axis::point: return "curves/point";
        case Axis::parameter: return "parameter";
        case Axis::original_class: return "original_class";
        case Axis::statistic: return "statistic";
        case Axis::evaluation: return "continual/evaluation";
        case Axis::bin: return "calibration/bin";
        case Axis::example: return "example";
        case Axis::pair: return "geometry/pair";
        case Axis::line_point: return "geometry/line_point";
        case Axis::plane: return "geometry/plane";
        case Axis::plane_row: return "geometry/plane_row";
        case Axis::plane_column: return "geometry/plane_column";
    }
    throw std::logic_error("scale_path: no such axis");
}

std::size_t length(const Block& block, Axis axis) {
    const auto last = [](const auto& array) {
        return array.shape.empty() ? 0 : array.shape.back();
    };
    switch (axis) {
        case Axis::method: return block.methods.size();
        case Axis::seed: return block.seeds.size();
        case Axis::trained_task:
        case Axis::evaluated_task: return block.tasks.size();
        case Axis::true_class:
        case Axis::predicted_class: return last(block.confusion);
        case Axis::point: return last(block.task_of_point);
        case Axis::parameter: return last(block.weights);
        case Axis::original_class: return last(block.class_map);
        case Axis::statistic: return last(block.weight_statistics);
        case Axis::evaluation: return last(block.continual_step);
        case Axis::bin: return last(block.calibration_count);
        case Axis::example: return last(block.predictions);
        case Axis::pair: return last(block.geometry_pair_from);
        case Axis::line_point: return last(block.geometry_position);
        case Axis::plane: return last(block.geometry_plane_first);
        case Axis::plane_row:
        case Axis::plane_column: return last(block.geometry_plane_position);
    }
    throw std::logic_error("length: no such axis");
}

std::vector<std::size_t> shape(const Block& block, const Axes& axes) {
    std::vector<std::size_t> sizes;
    for (Axis axis : axes) sizes.push_back(length(block, axis));
    return sizes;
}

const std::vector<std::string>* strings(const Block& block, Axis axis) {
    if (axis == Axis::method) return &block.methods;
    if (axis == Axis::trained_task || axis == Axis::evaluated_task) return &block.tasks;
    return nullptr;
}

std::vector<std::int32_t> numbers(const Block& block, Axis axis) {
    if (axis == Axis::seed) return block.seeds;
    // Classes are labels and count from 0; everything else is numbered as in the formulas, from 1.
    const bool is_class =
        axis == Axis::true_class || axis == Axis::predicted_class || axis == Axis::original_class;
    const std::int32_t first = is_class ? 0 : 1;
    std::vector<std::int32_t> values(length(block, axis));
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = first + static_cast<std::int32_t>(i);
    return values;
}

bool recorded(const Block& block, const char* path) {
    for (const Fact& fact : facts())
        if (std::strcmp(fact.path, path) == 0)
            return std::visit([&](auto member) { return !(block.*member).empty(); }, fact.member);
    throw std::logic_error(concat("recorded: no fact ", path));
}

bool applies(const Derived& entry, const Block& block) {
    return recorded(block, entry.needs) && (!entry.also_needs || entry.also_needs(block));
}

std::vector<std::string> array_groups(const Block& block) {
    std::vector<std::string> groups{"metrics", "timing", "cost", "curves"};
    for (const Fact& fact : facts())
        if (const std::string path = fact.path; recorded(block, fact.path))
            if (const std::size_t slash = path.find('/'); slash != std::string::npos)
                if (const std::string group = path.substr(0, slash);
                    std::find(groups.begin(), groups.end(), group) == groups.end())
                    groups.push_back(group);
    if (!block.diagnostics.empty()) groups.push_back(diagnostics_group);
    return groups;
}

std::string not_evaluated_because(const Block& block) {
    if (block.evaluate == "seen")
        return "evaluate = \"seen\": tasks are evaluated from the one on that they are trained in";
    if (block.evaluate == "last")
        return "evaluate = \"last\": tasks are evaluated after the last one alone";
    return {};
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
    return text;
}

std::vector<std::string> outcome_names(const Block& block) {
    std::vector<std::string> names;
    for (std::int32_t code : block.outcome.data) names.push_back(name(static_cast<Outcome>(code)));
    return names;
}

std::vector<std::string> number_links(const Block& block) {
    std::vector<std::string> names;
    for (const std::string& group : array_groups(block))
        if (group != "run") names.push_back(group); // it holds strings
    const auto add = [&](const std::string& path) {
        if (path.find('/') == std::string::npos) names.push_back(path);
    };
    for (Axis axis : all_axes)
        if (length(block, axis) > 0)
            add(strings(block, axis) ? std::string(scale_path(axis)) + "_index" : scale_path(axis));
    for (const Fact& fact : facts())
        if (recorded(block, fact.path) && !std::holds_alternative<Member<std::string>>(fact.member))
            add(fact.path);
    for (const Derived& entry : derived())
        if (applies(entry, block)) add(entry.path);
    return names;
}

namespace {

// Link names of HDF5 and names of netCDF: no slash, not the current group, 256 bytes with the
// closing zero.
void require_name(const std::string& where, const std::string& text) {
    if (text.empty() || text.size() > 255 || text == "." || text == ".." ||
        text.find('/') != std::string::npos)
        throw std::runtime_error(concat(
            where, " '", text, "' cannot be a name in the file; use 1 to 255 bytes without '/'"));
}

template <class T>
void require_shape(const std::string& where, const Array<T>& array,
                   const std::vector<std::size_t>& wanted) {
    std::size_t count = 1;
    for (std::size_t size : wanted) count *= size;
    if (array.shape != wanted || array.data.size() != count)
        throw std::runtime_error(concat(where, " has shape ", shape_text(array.shape), " and ",
                                        array.data.size(), " values; expected ",
                                        shape_text(wanted)));
}

template <class T> void require_unique(const std::string& where, const std::vector<T>& values) {
    if (values.empty())
        throw std::runtime_error(concat(where, ": there is none; at least one is needed"));
    std::set<T> seen;
    for (const T& value : values)
        if (!seen.insert(value).second)
            throw std::runtime_error(
                concat(where, " '", value, "' is there twice; each must be unique"));
}

} // namespace

void require_names(const std::string& file, const Block& block) {
    require_name(file + ": benchmark", block.benchmark);
    if (block.benchmark == "schema")
        throw std::runtime_error(concat(
            file, ": benchmark 'schema' would hide the schema's text; give it another name"));
    const std::string where = concat(file, ": benchmark '", block.benchmark, "': ");
    require_unique(where + "method", block.methods);
    require_unique(where + "seed", block.seeds);
    require_unique(where + "task", block.tasks);
    for (const std::string& label : block.methods) require_name(where + "method", label);
    for (const auto& [name, diagnostic] : block.diagnostics)
        require_name(where + "diagnostic", name);
}

void require_consistent(const std::string& file, const Block& block) {
    require_names(file, block);
    const std::string where = concat(file, ": benchmark '", block.benchmark, "': ");
    for (const Fact& fact : facts())
        std::visit(
            [&](auto member) {
                const auto& array = block.*member;
                if (array.empty() && !fact.required) return;
                require_shape(where + fact.path, array, shape(block, fact.axes));
            },
            fact.member);
    for (const auto& [name, diagnostic] : block.diagnostics)
        require_shape(where + diagnostics_group + "/" + name, diagnostic.values,
                      shape(block, diagnostic_axes));
    for (std::int32_t code : block.outcome.data)
        if (code < 0 || code > static_cast<std::int32_t>(Outcome::missing))
            throw std::runtime_error(
                concat(where, "outcome_code ", code, " is unknown; expected 0 to 5"));
}

} // namespace mneme::results
