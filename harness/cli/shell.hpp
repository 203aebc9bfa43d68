// SPDX-License-Identifier: Apache-2.0
// Words as a shell reads them.
#pragma once

#include <string>

#include <base/shell_word.hpp>

namespace mneme::cli {

using base::shell_word;

std::string command_line(int argc, char** argv); // so quoted, for the record

} // namespace mneme::cli
