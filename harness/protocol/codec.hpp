// SPDX-License-Identifier: Apache-2.0
// From structs to JSON and back by a struct's own list of fields, so that a field is named once for
// reading and writing. A struct has the list when it has
//     template <class Self, class Visit> static void fields(Self&, Visit visit);
// which calls visit("key", self.member) for each member.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <base/error.hpp>

#include "protocol/json.hpp"
#include "protocol/settings.hpp"
#include "protocol/spec.hpp"

namespace mneme::protocol {

// What JSON does not hold: "runs[0].seed: an integer is expected".
class FieldError final : public std::runtime_error {
  public:
    explicit FieldError(std::string why, std::string path = {})
        : std::runtime_error(path.empty() ? why : path + ": " + why), path_(std::move(path)),
          why_(std::move(why)) {}
    // The same fault, seen from the value that holds the faulty one.
    FieldError inside(const std::string& name) const {
        const bool plain = path_.empty() || path_.front() == '[';
        return FieldError(why_, name + (plain ? "" : ".") + path_);
    }

  private:
    std::string path_, why_;
};

template <class T>
concept HasFields = requires(T& value) {
    T::fields(value, [](const char*, auto&) {});
};

namespace codec {

template <class T> inline constexpr bool is_vector = false;
template <class T> inline constexpr bool is_vector<std::vector<T>> = true;
template <class T> inline constexpr bool is_optional = false;
template <class T> inline constexpr bool is_optional<std::optional<T>> = true;

inline void expect(bool holds, const char* what) {
    if (!holds) throw FieldError(std::string(what) + " is expected");
}

} // namespace codec

template <class T> Json encode(const T& value) {
    if constexpr (HasFields<T>) {
        Json json = Json::object();
        T::fields(value, [&](const char* key, const auto& field) { json[key] = encode(field); });
        return json;
    } else if constexpr (std::same_as<T, bench::Spec> || std::same_as<T, Settings>) {
        return to_json(value);
    } else if constexpr (codec::is_vector<T>) {
        Json list = Json::array();
        for (const auto& item : value) list.push_back(encode(item));
        return list;
    } else if constexpr (codec::is_optional<T>) {
        return value ? encode(*value) : Json();
    } else if constexpr (std::same_as<T, base::ExitCode>) {
        return static_cast<int>(value);
    } else {
        return value; // a number, a flag, a text, or JSON itself
    }
}

template <class T> void decode(const Json& json, T& to) {
    if constexpr (HasFields<T>) {
        codec::expect(json.is_object(), "an object");
        T::fields(to, [&](const char* key, auto& field) {
            const auto at = json.find(key);
            if (at == json.end()) throw FieldError("is missing", key);
            try {
                decode(*at, field);
            } catch (const FieldError& fault) {
                throw fault.inside(key);
            }
        });
    } else if constexpr (std::same_as<T, bench::Spec>) {
        to = spec_from_json(json);
    } else if constexpr (std::same_as<T, Settings>) {
        to = settings_from_json(json);
    } else if constexpr (codec::is_vector<T>) {
        codec::expect(json.is_array(), "a list");
        to.clear();
        for (const auto& item : json) {
            try {
                decode(item, to.emplace_back());
            } catch (const FieldError& fault) {
                throw fault.inside("[" + std::to_string(to.size() - 1) + "]");
            }
        }
    } else if constexpr (codec::is_optional<T>) {
        if (json.is_null()) to.reset();
        else decode(json, to.emplace());
    } else if constexpr (std::same_as<T, base::ExitCode>) {
        codec::expect(json.is_number_integer(), "an exit code");
        to = base::exit_code_from(json.get<int>());
    } else if constexpr (std::same_as<T, Json>) {
        to = json;
    } else if constexpr (std::same_as<T, bool>) {
        codec::expect(json.is_boolean(), "true or false");
        to = json.get<bool>();
    } else if constexpr (std::integral<T>) {
        codec::expect(json.is_number_integer(), "an integer");
        to = json.get<T>();
    } else if constexpr (std::floating_point<T>) {
        codec::expect(json.is_number(), "a number");
        to = json.get<T>();
    } else {
        codec::expect(json.is_string(), "a text");
        to = json.get<std::string>();
    }
}

template <class T> T decoded(const Json& json) {
    T value{};
    decode(json, value);
    return value;
}

} // namespace mneme::protocol
