// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace mneme::harness {

void throw_if_device_lost(); // ExitError (temporary) where the GPU does not answer any more

} // namespace mneme::harness
