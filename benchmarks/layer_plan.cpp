// SPDX-License-Identifier: Apache-2.0
// The walk through a list of layers: names, residual lists, the head, and the tensors in order.
#include <functional>
#include <numeric>

#include <base/text.hpp>

#include "layer_planner.hpp"
#include "name_pattern.hpp"

namespace mneme::bench {

namespace {

constexpr double most_parameters = 2147483647;
constexpr std::size_t deepest = 8;
constexpr const char* head_name = "head";

} // namespace

bool is_image(const ExampleShape& s) { return s.size() == 3; }
bool is_tokens(const ExampleShape& s) { return s.size() == 2; }
int64_t numbers_in(const ExampleShape& s) {
    return std::accumulate(s.begin(), s.end(), int64_t{1}, std::multiplies<>());
}

std::string in_words(const ExampleShape& s) {
    if (is_image(s))
        return "an image of " + std::to_string(s[0]) + " x " + std::to_string(s[1]) + " x " +
               std::to_string(s[2]);
    if (is_tokens(s))
        return std::to_string(s[0]) + " tokens of " + std::to_string(s[1]) + " numbers";
    return "a vector of " + std::to_string(s.empty() ? 0 : s[0]) + " numbers";
}

LayerPlanner::LayerPlanner(const NetworkSpec& spec, const ExampleShape& input) : spec_(spec) {
    if (is_tokens(input)) groups_.fix_all();
}

NetworkPlan LayerPlanner::plan(const std::vector<LayerSpec>& list, const ExampleShape& input,
                               int64_t classes) {
    Value value{input, UnitGroups::fixed};
    made_.layers = layers(list, value, {"network.layer", "", "", 0});
    head(value, list.size(), classes);
    groups_.settle(made_);
    return std::move(made_);
}

std::vector<PlannedLayer> LayerPlanner::layers(const std::vector<LayerSpec>& list, Value& value,
                                               const Place& place) {
    if (place.depth > deepest)
        throw LayerFault(place.key, "residual layers stand in one another " +
                                        std::to_string(place.depth) + " deep; expected " +
                                        std::to_string(deepest) + " at most");
    std::vector<PlannedLayer> planned;
    for (std::size_t l = 0; l < list.size(); ++l)
        planned.push_back(layer(list[l], value, place, l));
    return planned;
}

PlannedLayer LayerPlanner::layer(const LayerSpec& spec, Value& value, const Place& place,
                                 std::size_t index) {
    PlannedLayer p;
    p.spec = with_defaults(spec, spec_.bias);
    p.spec.layers.clear(), p.spec.shortcut.clear();
    p.number = place.number + std::to_string(index + 1);
    p.in = value.shape;
    place_ = place.key + "." + std::to_string(index);
    label_ = "layer " + p.number + " (" + spec.kind + ")";
    if (place.depth == 0 && spec.name == head_name)
        fail("name",
             "is called \"head\", which is the layer behind the list; expected another "
             "name");
    const std::string counted = place.prefix + spec.kind;
    p.name =
        spec.name.empty() ? counted + std::to_string(++counts_[counted]) : place.prefix + spec.name;
    p.frozen = is_frozen(spec_.frozen, p.name);
    if (spec.kind == LayerName::residual)
        residual(p, spec, value, {place_, p.number + ".", p.name + ".", place.depth + 1});
    else shapes(p, value);
    p.out = value.shape;
    return p;
}

void LayerPlanner::residual(PlannedLayer& p, const LayerSpec& spec, Value& value,
                            const Place& inside) {
    Value through = value, around = value;
    const std::string place = place_, label = label_;
    p.layers = layers(spec.layers, through,
                      {inside.key + ".layers", inside.number, inside.prefix, inside.depth});
    p.shortcut =
        layers(spec.shortcut, around,
               {inside.key + ".shortcut", inside.number + "s", inside.prefix, inside.depth});
    place_ = place, label_ = label;
    if (spec.layers.empty()) fail("layers", "has no layers inside; expected one or more");
    if (through.shape != around.shape)
        fail("kind", "adds " + in_words(through.shape) + " to " + in_words(around.shape) +
                         "; expected equal shapes: give it a shortcut that makes them so");
    value = {through.shape, groups_.join(through.group, around.group)};
}

void LayerPlanner::head(Value& value, std::size_t index, int64_t classes) {
    if (value.shape.size() != 1)
        throw LayerFault("network.layer", "the last layer gives " + in_words(value.shape) +
                                              ", and the head takes a vector; end the list with "
                                              "flatten, mean_pool or first_token");
    LayerSpec spec;
    spec.kind = LayerName::linear, spec.width = classes;
    PlannedLayer p;
    p.spec = with_defaults(spec, spec_.bias);
    p.number = std::to_string(index + 1), p.name = head_name, p.in = value.shape;
    place_ = "network.layer", label_ = "the head";
    shapes(p, value);
    p.out = value.shape;
    groups_.join(value.group, UnitGroups::fixed); // its units are classes
    made_.layers.push_back(std::move(p));
}

void LayerPlanner::fail(const std::string& key, const std::string& what) const {
    throw LayerFault(place_ + "." + key, label_ + " " + what);
}

void LayerPlanner::take_name(const std::string& tensor, const std::string& layer) {
    if (!names_.insert(tensor).second)
        fail("name",
             "is called \"" + layer + "\", as a layer before it; expected a name of its own");
}

int64_t LayerPlanner::add(const PlannedLayer& p, const std::string& tensor,
                          std::vector<int64_t> shape, LayerKind kind, int64_t from, int64_t to,
                          Fans fans) {
    double numbers = 1;
    for (int64_t size : shape) numbers *= double(size);
    if ((entries_ += numbers) > most_parameters)
        fail("kind", "brings the network to " + base::number(entries_) + " parameters; expected " +
                         base::number(most_parameters) + " at most");
    const std::string name = p.name + "." + tensor;
    take_name(name, p.name);
    made_.tensors.push_back(
        {name, std::move(shape), kind, from, to, 0, 0, fans.in, fans.out, frozen(name)});
    return int64_t(made_.tensors.size()) - 1;
}

int64_t LayerPlanner::add_stats(const PlannedLayer& p, const std::string& tensor, int64_t size,
                                LayerKind kind, int64_t group) {
    const std::string name = p.name + "." + tensor;
    take_name(name, p.name);
    made_.stats.push_back({name, {size}, kind, UnitGroups::fixed, group, 0, 0, 1, 1, frozen(name)});
    return int64_t(made_.stats.size()) - 1;
}

bool LayerPlanner::frozen(const std::string& tensor) const {
    return is_frozen(spec_.frozen, layer_of(tensor));
}

std::size_t lay_out(Layer layer, std::vector<Layer>& layers, int64_t& columns) {
    layer.numel = numbers_in(layer.shape);
    layer.offset = columns;
    columns += layer.numel + padding_behind(layer.numel);
    layers.push_back(std::move(layer));
    return layers.size() - 1;
}

NetworkPlan plan_network(const NetworkSpec& spec, const ExampleShape& input, int64_t classes) {
    return LayerPlanner(spec, input).plan(layer_list(spec, input), input, classes);
}

} // namespace mneme::bench
