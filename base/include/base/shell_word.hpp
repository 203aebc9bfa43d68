// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace mneme::base {

// As a shell reads it: in quotes where it would not take the word as it is.
std::string shell_word(const std::string&);

} // namespace mneme::base
