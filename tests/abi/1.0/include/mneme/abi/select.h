/* SPDX-License-Identifier: Apache-2.0 */
/* "mneme.select/1": the largest of each row. */
#ifndef MNEME_ABI_SELECT_H
#define MNEME_ABI_SELECT_H

#include <mneme/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mneme_select_api {
    uint32_t size, reserved;
    /* [learner] bool [S, n] of floats [S, n]: true at the k largest of each row; of equal ones the
     * last. The caller owns *out. MNEME_ARGUMENT: k is not 1 to n. */
    int32_t (*largest)(const mneme_tensor*, int64_t k, mneme_tensor** out, mneme_status*);
} mneme_select_api;

#ifdef __cplusplus
}
#endif
#endif
