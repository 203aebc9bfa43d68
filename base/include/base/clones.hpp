// SPDX-License-Identifier: Apache-2.0
#pragma once

// Of a loop over floats: compiled for three instruction sets, and the machine's is taken. Where no
// product is joined with a sum (-ffp-contract=off) and no sum is reordered, the clones have the
// same bits.
#define MNEME_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
