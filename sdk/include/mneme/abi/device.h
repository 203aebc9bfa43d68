/* SPDX-License-Identifier: Apache-2.0 */
/* "mneme.device/1": for plugins with kernels of their own. */
#ifndef MNEME_ABI_DEVICE_H
#define MNEME_ABI_DEVICE_H

#include <mneme/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mneme_device_api {
    uint32_t size, reserved;
    /* [any] Whether the values lie on a GPU, and on which (-1: none). */
    int32_t (*is_cuda)(const mneme_tensor*);
    int32_t (*index)(const mneme_tensor*);
    /* [any] The first value of a contiguous tensor, valid as long as a reference is held; NULL for
     * one that is not contiguous. */
    void* (*data)(mneme_tensor*);
    /* [learner] The current cudaStream_t, NULL on a CPU. */
    void* (*stream)(void);
} mneme_device_api;

#ifdef __cplusplus
}
#endif
#endif
