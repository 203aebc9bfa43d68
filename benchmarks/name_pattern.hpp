// SPDX-License-Identifier: Apache-2.0
// Names with one "*" that stands for any text, dots included: "stage*", "*.running_mean".
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace mneme::bench {

// What the "*" of the pattern stands for in `name`; empty for a pattern without one. Nothing: it
// does not fit.
inline std::optional<std::string> fitted(const std::string& pattern, const std::string& name) {
    const auto star = pattern.find('*');
    if (star == std::string::npos)
        return pattern == name ? std::optional<std::string>("") : std::nullopt;
    const std::string before = pattern.substr(0, star), behind = pattern.substr(star + 1);
    if (name.size() < before.size() + behind.size() || !name.starts_with(before) ||
        !name.ends_with(behind))
        return std::nullopt;
    return name.substr(star, name.size() - before.size() - behind.size());
}

inline std::string filled(std::string pattern, const std::string& middle) {
    const auto star = pattern.find('*');
    return star == std::string::npos ? pattern : pattern.replace(star, 1, middle);
}

// "stem.norm" of "stem.norm.scale".
inline std::string layer_of(const std::string& tensor) {
    return tensor.substr(0, tensor.rfind('.'));
}

// Whether the pattern fits the layer, or one that it stands in: "stage1" fits
// "stage1.block1.conv1".
inline bool fits_layer(const std::string& pattern, const std::string& layer) {
    for (auto dot = layer.find('.'); dot != layer.npos; dot = layer.find('.', dot + 1))
        if (fitted(pattern, layer.substr(0, dot))) return true;
    return fitted(pattern, layer).has_value();
}

inline bool is_frozen(const std::vector<std::string>& patterns, const std::string& layer) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string& pattern) { return fits_layer(pattern, layer); });
}

} // namespace mneme::bench
