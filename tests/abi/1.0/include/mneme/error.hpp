// SPDX-License-Identifier: Apache-2.0
// The one exception type. Its text: where: what is wrong; what to do.
#pragma once

#include <stdexcept>
#include <string>

namespace mneme {

class Error final : public std::runtime_error {
  public:
    // `code`: a MNEME_... status, 0 for MNEME_FAILED.
    explicit Error(const std::string& message, int code = 0)
        : std::runtime_error(message), code_(code) {}
    int code() const noexcept { return code_; }

  private:
    int code_;
};

} // namespace mneme
