// SPDX-License-Identifier: Apache-2.0
// A File or a Block as bytes, for the pipe from the child that read it and for a file of this
// process alone. Both ends are this program: no version, no checks.
#pragma once

#include <string>

#include <results/block.hpp>

namespace mneme::results {

std::string pack(File);
File unpack(const std::string&);
std::string pack(Block);
Block unpack_block(const std::string&);

} // namespace mneme::results
