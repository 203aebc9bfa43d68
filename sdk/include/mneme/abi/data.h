/* SPDX-License-Identifier: Apache-2.0 */
/* "mneme.data/1": the training data of a task. */
#ifndef MNEME_ABI_DATA_H
#define MNEME_ABI_DATA_H

#include <mneme/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { MNEME_DRAW_SAMPLE = 0, MNEME_DRAW_PER_CLASS = 1 };

typedef struct mneme_data_api {
    uint32_t size, reserved;
    /* [where the task is lent] How many examples there are. */
    int64_t (*count)(const mneme_examples*);
    /* [where the task is lent] Positions [S, n] int64, drawn per replica without replacement: n of
     * all, or n of each class. The caller owns *out. MNEME_ARGUMENT: n is less than 1. */
    int32_t (*draw)(const mneme_examples*, int32_t how, int64_t n, mneme_tensor** out,
                    mneme_status*);
    /* [where the task is lent] The examples at positions [S, n], or [1, n] for all replicas, as
     * they are stored. The caller owns x, y, task and weight of *out. */
    int32_t (*gather)(const mneme_examples*, mneme_tensor* positions, mneme_batch* out,
                      mneme_status*);
} mneme_data_api;

#ifdef __cplusplus
}
#endif
#endif
