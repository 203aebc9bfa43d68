/* SPDX-License-Identifier: Apache-2.0 */
/* "mneme.rows/1": rows of a batch that is kept. */
#ifndef MNEME_ABI_ROWS_H
#define MNEME_ABI_ROWS_H

#include <mneme/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mneme_rows_api {
    uint32_t size, reserved;
    /* [learner] Row b of `from` into slot[s, b] of `to` in place, s by s; slot [S, B] int64. A slot
     * that is not one of 0..M-1 takes nothing; of rows for one slot the last is kept. `to` is
     * contiguous, x float32 [S, M, D]. MNEME_ARGUMENT: a part is missing or does not fit. */
    int32_t (*put)(const mneme_batch* to, mneme_tensor* slot, const mneme_batch* from,
                   mneme_status*);
} mneme_rows_api;

#ifdef __cplusplus
}
#endif
#endif
