// SPDX-License-Identifier: Apache-2.0
// The commands, one function each. They return an exit code, or throw.
#pragma once

#include <string>

#include "cli/console.hpp"
#include "cli/options.hpp"

namespace mneme::cli {

int run(const Options&, const Console&, const std::string& command_line);
int plan(const Options&, const Console&, const std::string& command_line);
int cell(const Options&, const Console&);
int status(const Options&, const Console&);
int collect(const Options&, const Console&);
int list(const Options&, const Console&);
int describe(const Options&, const Console&);
int leaderboard(const Options&, const Console&);
int new_plugin(const Options&, const Console&);
int check(const Options&, const Console&);
int validate(const Options&, const Console&);
int data(const Options&, const Console&);
int doctor(const Options&, const Console&);

int dispatch(const Options&, const Console&, const std::string& command_line);

std::string shell_word(const std::string&);      // quoted where a shell would not take it as it is
std::string command_line(int argc, char** argv); // so quoted, for the record

} // namespace mneme::cli
