// SPDX-License-Identifier: Apache-2.0
// Words as a shell reads them.
#pragma once

#include <string>

namespace mneme::cli {

std::string shell_word(const std::string&);      // quoted where a shell would not take it as it is
std::string command_line(int argc, char** argv); // so quoted, for the record

} // namespace mneme::cli
