// SPDX-License-Identifier: Apache-2.0
// No test case at all.
#include "catch.hpp"
