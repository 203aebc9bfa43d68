// SPDX-License-Identifier: Apache-2.0
// Everything a method author needs.
#pragma once

#include <mneme/learner.hpp>
#include <mneme/memory.hpp>
#include <mneme/method.hpp>
