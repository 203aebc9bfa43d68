// SPDX-License-Identifier: Apache-2.0
// page.css and page.js, as the build put them into the program.
#pragma once

#include "report/markup.hpp"

namespace mneme::report {

extern const Literal page_style, page_script;

} // namespace mneme::report
