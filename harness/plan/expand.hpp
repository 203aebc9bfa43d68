// SPDX-License-Identifier: Apache-2.0
// The parts of reading a suite: what the command line lays over the file, and what a [[method]]
// table stands for.
#pragma once

#include <string>
#include <vector>

#include "plan/node.hpp"
#include "plan/plan.hpp"
#include "plan/suite.hpp"

namespace mneme::harness {

// Lays --set and --seeds over the document, which is then read as if it had said so.
void lay_over(Node& suite, const Overrides&);

// `name`, or else `plugin`, where it is a string; else empty.
std::string label_of(const Node& method);

// One entry per point of the method's grid: the first grid of the file varies slowest.
std::vector<Entry> expand(const Node& method);

} // namespace mneme::harness
