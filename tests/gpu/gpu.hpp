// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "catch.hpp"

#include <base/error.hpp>

#include "host/kernels.hpp"

namespace mneme::test {

inline void need_gpu() {
    try {
        host::open_cuda();
    } catch (const base::ExitError& e) {
        skip(e.what());
    }
}

} // namespace mneme::test
