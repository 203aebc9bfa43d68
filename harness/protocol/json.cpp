// SPDX-License-Identifier: Apache-2.0
// The canonical text: sorted keys, no spaces; strings in UTF-8 with JSON's short
// escapes; numbers of whole value below 1e16 as integers (5.0 and 5 are one setting), other numbers
// as the shortest decimal that reads back as the same double, with an exponent below 1e-4 and from
// 1e16.
#include <charconv>
#include <cmath>
#include <stdexcept>

#include "protocol/json.hpp"

namespace mneme::protocol {

namespace {

std::string decimal(double value) {
    if (!std::isfinite(value))
        throw std::logic_error("a number that is not finite has no canonical form");
    const double size = std::fabs(value);
    if (size < 1e16 && value == std::floor(value)) return std::to_string(int64_t(value));
    char text[64];
    const auto form =
        size >= 1e-4 && size < 1e16 ? std::chars_format::fixed : std::chars_format::scientific;
    return {text, std::to_chars(text, text + sizeof text, value, form).ptr};
}

void append(const Json& value, std::string& out) {
    if (value.is_object()) {
        out += '{';
        for (auto item = value.begin(); item != value.end();
             ++item) { // nlohmann's objects are sorted by key, byte by byte
            if (item != value.begin()) out += ',';
            out += Json(item.key()).dump() + ':';
            append(item.value(), out);
        }
        out += '}';
    } else if (value.is_array()) {
        out += '[';
        for (std::size_t i = 0; i < value.size(); ++i) {
            if (i > 0) out += ',';
            append(value[i], out);
        }
        out += ']';
    } else {
        out += value.is_number_float() ? decimal(value.get<double>()) : value.dump();
    }
}

} // namespace

std::string canonical(const Json& value) {
    std::string out;
    append(value, out);
    return out;
}

std::string toml_text(const Json& settings) {
    std::string text;
    for (const auto& [key, value] : settings.items()) text += key + " = " + value.dump() + "\n";
    return text;
}

std::string one_line_json(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace mneme::protocol
