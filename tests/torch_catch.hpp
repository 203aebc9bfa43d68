// SPDX-License-Identifier: Apache-2.0
// LibTorch's log header defines a CHECK of its own: its headers come first, and Catch2's CHECK is
// the one that stays.
#pragma once

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#undef CHECK

#include "catch.hpp"
