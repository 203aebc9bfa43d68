/* SPDX-License-Identifier: Apache-2.0 */
/* "mneme.libtorch/1": for plugins of the native tier, which are tied to one LibTorch
 * (mneme/libtorch.hpp). */
#ifndef MNEME_ABI_LIBTORCH_H
#define MNEME_ABI_LIBTORCH_H

#include <mneme/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mneme_libtorch_api {
    uint32_t size, reserved;
    /* The undefined tensor's implementation: equal addresses mean one LibTorch in the process. */
    const void* witness;
    /* [any] The at::Tensor in a handle, borrowed as long as a reference is held. */
    void* (*unwrap)(mneme_tensor*);
    /* [any] A handle on an at::Tensor; the values are shared. The caller owns *out. */
    int32_t (*wrap)(const void* tensor, mneme_tensor** out, mneme_status*);
} mneme_libtorch_api;

#ifdef __cplusplus
}
#endif
#endif
