// SPDX-License-Identifier: Apache-2.0
// As much of JSON Schema as our schemas use. An unknown keyword is a fault of the schema.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace schema {

using Json = nlohmann::json;

inline bool is_type(const Json& value, const std::string& type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    return type == "null" && value.is_null();
}

// Appends "place: fault" for each fault.
inline void check(const Json& value, const Json& rule, const Json& root, const std::string& place,
                  std::vector<std::string>& faults) {
    if (rule.contains("$ref")) {
        const std::string name = rule["$ref"].get<std::string>().substr(8); // "#/$defs/"
        return check(value, root["$defs"].at(name), root, place, faults);
    }
    static const std::set<std::string> known{
        "$schema", "$defs",      "title",    "description",
        "type",    "properties", "required", "additionalProperties",
        "items",   "enum",       "minimum"};
    for (const auto& [key, unused] : rule.items())
        if (!known.count(key)) faults.push_back(place + ": the schema has " + key);
    const Json types = rule["type"].is_array() ? rule["type"] : Json::array({rule["type"]});
    if (std::none_of(types.begin(), types.end(),
                     [&](const Json& type) { return is_type(value, type); }))
        return faults.push_back(place + ": " + value.dump() + " is not " + types.dump());
    if (rule.contains("enum") &&
        std::find(rule["enum"].begin(), rule["enum"].end(), value) == rule["enum"].end())
        faults.push_back(place + ": " + value.dump() + " is not one of " + rule["enum"].dump());
    if (rule.contains("minimum") && value.is_number() && value < rule["minimum"])
        faults.push_back(place + ": " + value.dump() + " is too small");
    if (value.is_array())
        for (std::size_t i = 0; i < value.size(); ++i)
            check(value[i], rule["items"], root, place + "/" + std::to_string(i), faults);
    if (!value.is_object()) return;
    for (const Json& key : rule["required"])
        if (!value.contains(key)) faults.push_back(place + ": lacks " + key.get<std::string>());
    for (const auto& [key, inner] : value.items())
        if (rule["properties"].contains(key))
            check(inner, rule["properties"][key], root, place + "/" + key, faults);
        else faults.push_back(place + ": has " + key);
}

inline std::vector<std::string> faults(const Json& value, const Json& rule) {
    std::vector<std::string> out;
    check(value, rule, rule, "", out);
    return out;
}

} // namespace schema
