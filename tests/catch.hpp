// SPDX-License-Identifier: Apache-2.0
#pragma once

// Catch2 version 2 (Debian 12) and version 3 under one set of names, and the skip that version 2
// lacks. Portable spellings: Approx, Catch::Matchers::{WithinAbs, WithinRel, ContainsSubstring,
// StartsWith, EndsWith, Equals, Message}.

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_approx.hpp>
#include <catch2/catch_message.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <catch2/matchers/catch_matchers_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
namespace Catch::Matchers {
inline auto ContainsSubstring(const std::string& text) { return Contains(text); }
} // namespace Catch::Matchers
#endif

#include <string>

namespace mneme::test {

// Leaves the running test case and has it counted as skipped, with the reason in the summary of
// ./test. A failed CHECK before it stays a failure.
[[noreturn]] void skip(const std::string& why);

} // namespace mneme::test
