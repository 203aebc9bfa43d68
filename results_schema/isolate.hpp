// SPDX-License-Identifier: Apache-2.0
// HDF5 1.10 can crash or run in circles on a damaged file. What such a file may break is done in a
// child process.
#pragma once

#include <functional>
#include <string>

namespace mneme::results {

// Runs work(), which reads `file`, in a child and returns its answer. An exception there is a
// std::runtime_error here with the same message; so is a child that dies or uses 20 s of processor
// time, more for a large file.
std::string isolated(const std::string& file, const std::function<std::string()>& work);

} // namespace mneme::results
