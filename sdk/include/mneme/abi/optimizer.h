/* SPDX-License-Identifier: Apache-2.0 */
/* "mneme.optimizer/1": update rules on theta [S, P], a whole step in one pass. */
#ifndef MNEME_ABI_OPTIMIZER_H
#define MNEME_ABI_OPTIMIZER_H

#include <mneme/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { MNEME_SGD = 0, MNEME_ADAM = 1, MNEME_ADAMW = 2 };

/* All tensors are contiguous float32 on theta's device, but the mask. */
typedef struct mneme_update {
    uint32_t size;
    int32_t rule;
    double momentum, beta1, beta2, epsilon;
    mneme_tensor *lr, *weight_decay; /* [S, 1] */
    mneme_tensor* first;             /* moments [S, P]; SGD: none when momentum is 0 */
    mneme_tensor* second;            /* ADAM, ADAMW */
    mneme_tensor* steps;             /* [S, 1], counted up by ADAM and ADAMW */
    mneme_tensor* mask; /* [S, P] or [1, P] bool or NULL: only entries that are true move */
    /* A quadratic penalty: the gradient becomes g + 2 strength importance (theta - anchor), the
     * second part cut entry by entry to [-clip, clip] where clip > 0. NULL: none. */
    mneme_tensor *importance, *anchor; /* [S, P] */
    mneme_tensor* strength;            /* [S, 1] */
    double clip;
    /* A path integral: path <- path - along * (theta after - theta before). NULL: none. */
    mneme_tensor *path, *along; /* [S, P]; along NULL: g, as it was given */
} mneme_update;

typedef struct mneme_optimizer_api {
    uint32_t size, reserved;
    /* [learner] One step; theta, the moments and the path change in place. MNEME_ARGUMENT: a tensor
     * is missing or does not fit; then nothing has changed. */
    int32_t (*step)(const mneme_update*, mneme_tensor* theta, mneme_tensor* gradient,
                    mneme_status*);
} mneme_optimizer_api;

#ifdef __cplusplus
}
#endif
#endif
