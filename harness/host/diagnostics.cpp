// SPDX-License-Identifier: Apache-2.0
#include "host/diagnostics.hpp"

#include <algorithm>

#include <mneme/abi.h>
#include <mneme/error.hpp>

namespace mneme::host {
namespace {

constexpr int64_t most_numbers = 4096;
constexpr std::size_t longest_name = 64, longest_text = 400;

bool is_name(const std::string& name) {
    return !name.empty() && name.size() <= longest_name && name[0] >= 'a' && name[0] <= 'z' &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
           });
}

bool is_text(const std::string& text) {
    return !text.empty() && text.size() <= longest_text &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) >= ' '; });
}

} // namespace

mneme_diagnostic* Diagnostics::declare(const std::string& name, const std::string& unit,
                                       const std::string& help, int64_t length) {
    if (!is_name(name))
        throw Error("diagnostic \"" + name +
                        "\": the name does not fit; use 1 to 64 lower-case letters, digits and _",
                    MNEME_ARGUMENT);
    if (!is_text(unit) || !is_text(help))
        throw Error("diagnostic " + name +
                        ": its unit or help is empty, too long or not one line; give both (\"1\" "
                        "is the unit of a bare number)",
                    MNEME_ARGUMENT);
    if (length < 1 || length > most_numbers)
        throw Error("diagnostic " + name + ": " + std::to_string(length) +
                        " numbers a replica; use 1 to " + std::to_string(most_numbers),
                    MNEME_ARGUMENT);
    for (const auto& known : declared_)
        if (known->name == name)
            throw Error("diagnostic " + name + ": declared twice; give each a name of its own",
                        MNEME_STATE);
    declared_.push_back(
        std::make_unique<mneme_diagnostic>(mneme_diagnostic{this, name, unit, help, length}));
    return declared_.back().get();
}

void Diagnostics::report(const mneme_diagnostic& d, const std::vector<double>& values) const {
    if (constructing_)
        throw Error("diagnostic " + d.name +
                        ": reported while the method is constructed, of no task; report it from "
                        "begin_task on",
                    MNEME_STATE);
    if (sink_) sink_->reported(d, values);
}

} // namespace mneme::host
