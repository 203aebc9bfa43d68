// SPDX-License-Identifier: Apache-2.0
#include "protocol/settings.hpp"

#include "protocol/codec.hpp"

namespace mneme::protocol {

namespace {

struct Line {
    std::string key;
    Json value;
    std::string where;

    template <class Self, class Visit> static void fields(Self& self, Visit visit) {
        visit("key", self.key);
        visit("value", self.value);
        visit("where", self.where);
    }
};

} // namespace

Json to_json(const Settings& settings) {
    Json list = Json::array();
    for (const auto& [key, setting] : settings)
        list.push_back(encode(Line{key, setting.value, setting.where}));
    return list;
}

Settings settings_from_json(const Json& json) {
    Settings settings;
    for (auto& line : decoded<std::vector<Line>>(json))
        settings.emplace_back(std::move(line.key),
                              Setting{std::move(line.value), std::move(line.where)});
    return settings;
}

} // namespace mneme::protocol
