// SPDX-License-Identifier: Apache-2.0
// HDF5 1.10 can crash or run in circles on a damaged file. What such a file may break is done in a child process.
#pragma once

#include <functional>
#include <string>

namespace mneme::results {

// Runs work() in a child and returns its answer. A std::runtime_error in the child is thrown here with the same message; a child that
// dies or uses more than a minute of processor time is one too, and blames `file`.
std::string isolated(const std::string& file, const std::function<std::string()>& work);

} // namespace mneme::results
