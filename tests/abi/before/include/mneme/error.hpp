// SPDX-License-Identifier: Apache-2.0
// The one exception type. Its text: where: what is wrong; what would be right.
#pragma once

#include <stdexcept>
#include <string>

namespace mneme {

class Error final : public std::runtime_error {
  public:
    // `code`: in a plugin a MNEME_... status code, in the programs an exit code
    // (docs/operations.md); 0 when neither is known here.
    explicit Error(const std::string& message, int code = 0)
        : std::runtime_error(message), code_(code) {}
    int code() const noexcept { return code_; }

  private:
    int code_;
};

} // namespace mneme
