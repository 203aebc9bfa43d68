// SPDX-License-Identifier: Apache-2.0
#include "protocol/messages.hpp"

#include <algorithm>

#include "protocol/codec.hpp"

namespace mneme::protocol {

namespace {

template <class... Kinds>
std::optional<Message> read_as(const Json& json, const std::string& event,
                               const std::variant<Kinds...>*) {
    std::optional<Message> message;
    const auto try_kind = [&]<class Kind>(const Kind*) {
        if (event == Kind::event) message = decoded<Kind>(json);
    };
    (try_kind(static_cast<const Kinds*>(nullptr)), ...);
    return message;
}

} // namespace

bool Constructed::has_flag(std::string_view flag) const {
    return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

Json Constructed::option_values() const {
    Json values = Json::object();
    for (const auto& option : options) values[option.name] = option.value;
    return values;
}

std::string write_message(const Message& message) {
    return std::visit(
        [](const auto& kind) {
            Json json = encode(kind);
            json["event"] = kind.event;
            return one_line_json(json);
        },
        message);
}

std::optional<Message> read_message(std::string_view line) {
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object()) return {};
    const auto event = json.find("event");
    if (event == json.end() || !event->is_string()) return {};
    try {
        return read_as(json, event->get<std::string>(), static_cast<const Message*>(nullptr));
    } catch (const FieldError&) {
        return {};
    }
}

} // namespace mneme::protocol
