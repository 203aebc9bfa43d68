// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "catch.hpp"

#include <mneme/error.hpp>

#include "host/kernels.hpp"

namespace mneme::test {

inline void need_gpu() {
    try {
        host::open_cuda();
    } catch (const Error& e) {
        skip(e.what());
    }
}

} // namespace mneme::test
