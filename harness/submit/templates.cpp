// SPDX-License-Identifier: Apache-2.0
#include "submit/templates.hpp"

#include <stdexcept>

namespace mneme::submit {

std::string fill(std::string_view text, const std::map<std::string, std::string>& values) {
    std::string filled;
    for (std::size_t open; (open = text.find("{{")) != std::string_view::npos;) {
        const std::size_t close = text.find("}}", open);
        const std::string name(text.substr(open + 2, close - open - 2));
        const auto value = values.find(name);
        if (value == values.end()) throw std::logic_error("template: no value for " + name);
        filled += text.substr(0, open);
        filled += value->second;
        text.remove_prefix(close + 2);
    }
    return filled += text;
}

} // namespace mneme::submit
