// SPDX-License-Identifier: Apache-2.0
// The templates beside this file, as the build put them into the program, and how they are filled.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace mneme::submit {

extern const std::string_view slurm_script, parallel_script, kubernetes_script;
extern const std::string_view cells_manifest, finish_manifest;

// Puts a value in place of each {{name}}. Throws std::logic_error for a name without a value.
std::string fill(std::string_view text, const std::map<std::string, std::string>& values);

} // namespace mneme::submit
