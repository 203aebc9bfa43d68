// SPDX-License-Identifier: Apache-2.0
// Shell completion, made from the commands as they are.
#pragma once

#include <string>
#include <vector>

namespace mneme::cli {

struct CompletedCommand {
    std::string name;
    std::vector<std::string> options;
};

std::string bash_completion(const std::vector<CompletedCommand>&);

} // namespace mneme::cli
