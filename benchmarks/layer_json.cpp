// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <stdexcept>
#include <type_traits>

#include <base/text.hpp>
#include <benchmarks/spec_json.hpp>

namespace mneme::bench {

namespace {

using Json = nlohmann::json;

// Null where the key is not given.
template <class T> Json plain(const LayerKey&, const T& value) { return value; }
Json plain(const LayerKey&, const std::string& value) {
    return value.empty() ? Json() : Json(value);
}
Json plain(const LayerKey& key, int64_t value) {
    return value == 0 && key.low > 0 ? Json() : Json(value);
}
Json plain(const LayerKey&, const std::optional<bool>& value) {
    return value ? Json(*value) : Json();
}
Json plain(const LayerKey&, const std::vector<LayerSpec>& value) {
    return value.empty() ? Json() : Json(value);
}

template <class T> void assign(const Json& json, T& value) { json.get_to(value); }
void assign(const Json& json, std::optional<bool>& value) { value = json.get<bool>(); }

} // namespace

void to_json(Json& json, const LayerSpec& layer) {
    json = Json::object();
    for (const auto* key : keys_of_layer(layer.kind)) {
        // Only read: the table has one function for both.
        Json value = std::visit([&](auto* field) { return plain(*key, *field); },
                                key->field(const_cast<LayerSpec&>(layer)));
        if (!value.is_null()) json[key->name] = std::move(value);
    }
}

void from_json(const Json& json, LayerSpec& layer) {
    layer = {};
    layer.kind = json.at("kind").get<std::string>();
    const auto kinds = LayerName::all();
    if (std::find(kinds.begin(), kinds.end(), layer.kind) == kinds.end())
        throw std::runtime_error("a layer of a benchmark: unknown kind " +
                                 base::in_quotes(layer.kind));
    const auto keys = keys_of_layer(layer.kind);
    for (const auto& [name, value] : json.items()) {
        const auto key = std::find_if(keys.begin(), keys.end(),
                                      [&](const auto* known) { return known->name == name; });
        if (key == keys.end())
            throw std::runtime_error("a layer of a benchmark: unknown key " +
                                     base::in_quotes(name));
        std::visit([&](auto* field) { assign(value, *field); }, (*key)->field(layer));
    }
}

} // namespace mneme::bench
