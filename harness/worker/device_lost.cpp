// SPDX-License-Identifier: Apache-2.0
#include "worker/device_lost.hpp"

#include <base/error.hpp>

#include "host/kernels.hpp"

namespace mneme::harness {

void throw_if_device_lost() {
    if (const auto why = host::cuda_lost_because(); !why.empty())
        throw base::ExitError(base::ExitCode::temporary, "--device cuda: the device was lost (" +
                                                             why + "); run the same command again");
}

} // namespace mneme::harness
