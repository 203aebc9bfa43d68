// SPDX-License-Identifier: Apache-2.0
// What is not complete, and why.
#pragma once

#include "report/markup.hpp"
#include "report/page.hpp"

namespace mneme::report {

Markup failure_section(const Input&);

} // namespace mneme::report
