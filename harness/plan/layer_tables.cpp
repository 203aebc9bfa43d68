// SPDX-License-Identifier: Apache-2.0
// [[network.layer]], and the lists inside a residual layer.
#include <algorithm>

#include <base/text.hpp>
#include <benchmarks/layer_spec.hpp>

#include "plan/check.hpp"

namespace mneme::harness {

namespace {

using bench::LayerKey;
using bench::LayerName;
using bench::LayerSpec;

constexpr std::size_t most_layers = 1000;

void want_within(const Member& member, const LayerKey& key, double value) {
    if (value >= key.low && value <= key.high) return;
    fail(member.value.where, key.name + " is " + base::number(value) + "; expected " +
                                 base::number(key.low) + " to " + base::number(key.high));
}

void read(const Member& member, const LayerKey& key, std::string& value) {
    if (!key.words.empty()) {
        value = want_choice(member, key.words, key.name);
        return;
    }
    take(member, value);
    if (key.name == "name" && !is_label(value))
        fail(member.value.where,
             "name is " + in_quotes(value) + "; expected 1 to 64 of A-Z, a-z, 0-9 and ._+-");
}
void read(const Member& member, const LayerKey& key, int64_t& value) {
    take(member, value);
    want_within(member, key, double(value));
}
void read(const Member& member, const LayerKey& key, double& value) {
    take(member, value);
    want_within(member, key, value);
}
void read(const Member& member, const LayerKey&, bool& value) { take(member, value); }
void read(const Member& member, const LayerKey&, std::optional<bool>& value) {
    take(member, value.emplace());
}
void read(const Member& member, const LayerKey&, std::vector<LayerSpec>& value) {
    take(member, value);
}

LayerSpec read_layer(const Node& table, const std::string& list) {
    if (table.kind != Node::Kind::table)
        fail(table.where,
             list + " holds " + kind_of(table) + "; expected layers, each a table with a kind");
    LayerSpec layer;
    const Member* kind = find(table, "kind");
    if (!kind)
        fail(table.where,
             "the layer has no kind; expected kind = one of " + base::joined(LayerName::all()));
    layer.kind = want_choice(*kind, LayerName::all(), "kind of layer");
    const auto names = bench::key_names_of_layer(layer.kind);
    for (const auto& member : table.members)
        if (std::find(names.begin(), names.end(), member.key) == names.end())
            fail(member.where, member.key + " is not a key of a " + layer.kind +
                                   " layer; its keys are " + base::joined(names));
    for (const LayerKey* key : bench::keys_of_layer(layer.kind)) {
        const Member* member = find(table, key->name);
        if (!member && key->required)
            fail(table.where, "the " + layer.kind + " layer has no " + key->name + "; expected " +
                                  key->name + " = " + bench::allowed_values(*key));
        if (member)
            std::visit([&](auto* value) { read(*member, *key, *value); }, key->field(layer));
    }
    return layer;
}

} // namespace

void take(const Member& member, std::vector<LayerSpec>& to) {
    if (member.value.kind != Node::Kind::array)
        fail(member.value.where, member.key + " is " + kind_of(member.value) +
                                     "; expected a list of layers" +
                                     (member.key == "layer" ? ", each [[network.layer]]" : ""));
    if (member.value.items.size() > most_layers)
        fail(member.value.where, member.key + " has " + std::to_string(member.value.items.size()) +
                                     " layers; expected " + std::to_string(most_layers) +
                                     " at most");
    to.clear();
    for (const auto& item : member.value.items) to.push_back(read_layer(item, member.key));
}

} // namespace mneme::harness
