// SPDX-License-Identifier: Apache-2.0
// The maker of a NetworkPlan: the walk through the list (layer_plan.cpp), and what each kind of
// layer takes, gives and holds (layer_shapes.cpp).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <benchmarks/layer_plan.hpp>

#include "unit_groups.hpp"

namespace mneme::bench {

class LayerPlanner final {
  public:
    LayerPlanner(const NetworkSpec&, const ExampleShape& input);

    // Throws LayerFault.
    NetworkPlan plan(const std::vector<LayerSpec>&, const ExampleShape& input, int64_t classes);

  private:
    struct Value { // what passes from layer to layer
        ExampleShape shape;
        int64_t group; // of its channels or numbers
    };
    struct Place { // of a list: as "network.layer", "3.", "residual1.", residual layers around it
        std::string key, number, prefix;
        std::size_t depth;
    };

    std::vector<PlannedLayer> layers(const std::vector<LayerSpec>&, Value&, const Place&);
    PlannedLayer layer(const LayerSpec&, Value&, const Place&, std::size_t index);
    void shapes(PlannedLayer&, Value&);
    void residual(PlannedLayer&, const LayerSpec&, Value&, const Place&);
    void head(Value&, std::size_t index, int64_t classes);

    void conv(PlannedLayer&, Value&);
    void linear(PlannedLayer&, Value&);
    void norm(PlannedLayer&, Value&);
    void want_norm_of(const LayerSpec&, const ExampleShape&) const;
    void pool(PlannedLayer&, Value&) const;
    void drop(PlannedLayer&, const Value&);
    void patches(PlannedLayer&, Value&);
    void attention(PlannedLayer&, const Value&);

    // Of the layer at hand: key is one of its own, such as "kernel".
    [[noreturn]] void fail(const std::string& key, const std::string& what) const;
    void want_image(const Value&, const std::string& remedy) const;
    void want_tokens(const Value&) const;
    void want_size(const ExampleShape&) const;
    int64_t window_places(const PlannedLayer&, int64_t size) const; // rows or columns that are left

    struct Fans {
        int64_t in, out;
    };
    // Indices of the plan's tensors and stats. from and to: groups of the axes in and out.
    int64_t add(const PlannedLayer&, const std::string& tensor, std::vector<int64_t> shape,
                LayerKind, int64_t from, int64_t to, Fans);
    int64_t add_stats(const PlannedLayer&, const std::string& tensor, int64_t size, LayerKind,
                      int64_t group);
    void take_name(const std::string& tensor, const std::string& layer);
    bool frozen(const std::string& tensor) const;

    const NetworkSpec& spec_;
    NetworkPlan made_;
    UnitGroups groups_;
    std::map<std::string, int64_t> counts_; // of layers without a name
    std::set<std::string> names_;           // of tensors
    std::string place_, label_;             // of the layer at hand
    double entries_ = 0;
};

bool is_image(const ExampleShape&);
bool is_tokens(const ExampleShape&);
int64_t numbers_in(const ExampleShape&);

} // namespace mneme::bench
