// SPDX-License-Identifier: Apache-2.0
#include "plan/expand.hpp"

#include <cmath>

#include "plan/check.hpp"

namespace mneme::harness {

namespace {

constexpr std::size_t most_points = 1000;

// One key of the method with the values it takes.
struct Axis {
    std::string key;
    bool train, grid;
    std::vector<Setting> values;
};

Setting single(const std::string& key, const Node& value, const std::string& where) {
    const bool scalar =
        value.kind == Node::Kind::text || value.kind == Node::Kind::integer ||
        value.kind == Node::Kind::flag ||
        (value.kind == Node::Kind::real && std::isfinite(value.scalar.get<double>()));
    if (!scalar)
        fail(value.where, key + " is " + kind_of(value) +
                              "; expected a number, a string, true, false or { grid = [...] }");
    return {value.scalar, where};
}

Axis grid_of(const Member& member, const Node& list) {
    Axis axis{member.key, false, true, {}};
    if (list.kind != Node::Kind::array)
        fail(list.where, "grid is " + kind_of(list) + "; expected a list of values");
    if (list.items.empty()) fail(list.where, "grid is empty; expected a list of values");
    for (const auto& item : list.items) {
        axis.values.push_back(single(member.key, item, item.where));
        const Json& value = axis.values.back().value;
        if (value.is_string() && !is_label(value.get<std::string>()))
            fail(item.where,
                 in_quotes(value.get<std::string>()) +
                     " cannot stand in a label; expected 1 to 64 of A-Z, a-z, 0-9 and ._+-");
        for (std::size_t i = 0; i + 1 < axis.values.size(); ++i)
            if (shown(axis.values[i].value) == shown(value))
                fail(item.where, "grid of " + member.key + " has the value " + shown(value) +
                                     " twice; list it once");
    }
    return axis;
}

Axis axis_of(const Member& member, bool train) {
    const Member* grid =
        member.value.kind == Node::Kind::table ? find(member.value, "grid") : nullptr;
    if (grid) allow(member.value, {"grid"}, "a grid");
    // An option is looked up by the plugin: its fault is best shown at the key. Keys of train are
    // known here.
    Axis axis =
        grid ? grid_of(member, grid->value)
             : Axis{member.key,
                    false,
                    false,
                    {single(member.key, member.value, train ? member.value.where : member.where)}};
    axis.train = train;
    return axis;
}

std::vector<Axis> axes_of(const Node& method) {
    std::vector<Axis> axes;
    for (const auto& member : method.members) {
        if (member.key == "plugin" || member.key == "name") continue;
        if (member.key != "train") {
            axes.push_back(axis_of(member, false));
            continue;
        }
        want_table(member);
        allow(member.value, train_keys(), "train");
        for (const auto& inner : member.value.members) axes.push_back(axis_of(inner, true));
    }
    return axes;
}

// The entry at a point of the grid, counted with the last grid fastest.
Entry entry_at(const Entry& base, const std::vector<Axis>& axes, std::size_t point) {
    std::vector<std::size_t> index(axes.size());
    for (std::size_t a = axes.size(); a-- > 0;) {
        index[a] = point % axes[a].values.size();
        point /= axes[a].values.size();
    }
    Entry entry = base;
    std::string suffix;
    for (std::size_t a = 0; a < axes.size(); ++a) {
        const Setting& setting = axes[a].values[index[a]];
        (axes[a].train ? entry.train : entry.options).emplace_back(axes[a].key, setting);
        if (axes[a].grid)
            suffix += (suffix.empty() ? "" : ",") + axes[a].key + "=" + shown(setting.value);
    }
    if (!suffix.empty()) entry.label += "[" + suffix + "]";
    train_from(entry.train);
    return entry;
}

} // namespace

std::vector<Entry> expand(const Node& method) {
    if (method.kind != Node::Kind::table)
        fail(method.where, "method is " + kind_of(method) + "; expected a [[method]] table");
    const Member* plugin = find(method, "plugin");
    if (!plugin)
        fail(method.where,
             "[[method]] has no plugin; expected plugin = \"NAME\" from `mneme list methods`");
    Entry base{"", want_text(*plugin), method.where, {}, {}};
    const Member* name = find(method, "name");
    base.label = name ? want_text(*name) : base.plugin;
    for (const auto* member : {plugin, name})
        if (member && !is_label(member->value.scalar.get<std::string>()))
            fail(member->value.where, member->key + " is " +
                                          in_quotes(member->value.scalar.get<std::string>()) +
                                          "; expected 1 to 64 of A-Z, a-z, 0-9 and ._+-");

    const std::vector<Axis> axes = axes_of(method);
    std::size_t points = 1;
    for (const auto& axis : axes) {
        points *= axis.values.size();
        if (points > most_points)
            fail(method.where, "the grids of " + in_quotes(base.label) + " have more than " +
                                   std::to_string(most_points) + " points; expected fewer values");
    }
    std::vector<Entry> entries;
    for (std::size_t point = 0; point < points; ++point)
        entries.push_back(entry_at(base, axes, point));
    return entries;
}

} // namespace mneme::harness
