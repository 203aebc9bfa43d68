// SPDX-License-Identifier: Apache-2.0
// Shell completion, made from the commands as they are.
#pragma once

#include <string>
#include <vector>

#include "cli/arguments.hpp"

namespace mneme::cli {

struct CompletedCommand {
    std::string name, summary;
    std::vector<Declared> arguments;
};

std::string bash_completion(const std::vector<CompletedCommand>&);
std::string zsh_completion(const std::vector<CompletedCommand>&); // bash's, by zsh's own bridge
std::string fish_completion(const std::vector<CompletedCommand>&);

} // namespace mneme::cli
