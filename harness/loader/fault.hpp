// SPDX-License-Identifier: Apache-2.0
// How the steps of the sequence refuse. Inside of this room an Error's code is a Fault; at the
// border it becomes an exit code or a Refusal.
#pragma once

#include <string>

#include <mneme/error.hpp>

#include "loader/loader.hpp"

namespace mneme::loader {

[[noreturn]] inline void refuse(Fault fault, const std::filesystem::path& file,
                                const std::string& what) {
    throw Error(file.string() + ": " + what, static_cast<int>(fault));
}

template <class F> decltype(auto) outward(F&& body) {
    try {
        return body();
    } catch (const Error& e) {
        throw Error(e.what(), exit_code(static_cast<Fault>(e.code())));
    }
}

template <class F> std::optional<Refusal> refusal_of(const std::filesystem::path& file, F&& body) {
    try {
        body();
        return {};
    } catch (const Error& e) {
        return Refusal{file, static_cast<Fault>(e.code()), e.what()};
    }
}

} // namespace mneme::loader
