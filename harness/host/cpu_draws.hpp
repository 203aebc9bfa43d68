// SPDX-License-Identifier: Apache-2.0
// The slots of Kernels that draw numbers, on a CPU.
#pragma once

#include "host/kernels.hpp"

namespace mneme::host::cpu {

void bits(const Draw&, int64_t* out, void* stream);
void uniform(const Draw&, float* out, void* stream);
void randint(const Draw&, uint32_t high, int64_t* out, void* stream);
void normal(const Draw&, float* out, void* stream);
void dropout(const Draw&, float probability, float* out, void* stream);
void sample_without_replacement(const Draw&, int64_t of, int64_t* out, void* stream);

} // namespace mneme::host::cpu
