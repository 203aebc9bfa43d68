// SPDX-License-Identifier: Apache-2.0
// How the steps of the sequence refuse. Inside this room a refusal is a Verdict; at the border it
// becomes an ExitError or a Refusal.
#pragma once

#include <stdexcept>
#include <string>

#include <base/error.hpp>

#include "loader/loader.hpp"

namespace mneme::loader {

class Verdict final : public std::runtime_error {
  public:
    Verdict(Fault fault, const std::string& message) : std::runtime_error(message), fault_(fault) {}
    Fault fault() const noexcept { return fault_; }

  private:
    Fault fault_;
};

[[noreturn]] inline void refuse(Fault fault, const std::filesystem::path& file,
                                const std::string& what) {
    throw Verdict(fault, file.string() + ": " + what);
}

template <class F> decltype(auto) outward(F&& body) {
    try {
        return body();
    } catch (const Verdict& verdict) {
        throw base::ExitError(exit_code(verdict.fault()), verdict.what());
    }
}

template <class F> std::optional<Refusal> refusal_of(const std::filesystem::path& file, F&& body) {
    try {
        body();
        return {};
    } catch (const Verdict& verdict) {
        return Refusal{file, verdict.fault(), verdict.what()};
    }
}

} // namespace mneme::loader
