/* SPDX-License-Identifier: Apache-2.0 */
/* "mneme.random/1": counter-based random numbers. A draw is fixed by seed, purpose, task, phase,
 * step and call; it is legal inside a captured step. */
#ifndef MNEME_ABI_RANDOM_H
#define MNEME_ABI_RANDOM_H

#include <mneme/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mneme_random_api {
    uint32_t size, reserved;
    /* [create] A source, which lives as long as the learner. MNEME_STATE: the purpose is taken. */
    int32_t (*open)(mneme_setup_context*, const char* purpose, mneme_source** out, mneme_status*);
    /* [learner] Numbers [S, ...shape]: float32 in [0, 1); int64 in [0, high), high 1 to 2^32 - 1;
     * float32 standard normal; [S, n] int64, an order of 0 to n - 1. The caller owns *out. */
    int32_t (*uniform)(mneme_source*, const int64_t* shape, int32_t dims, mneme_tensor** out,
                       mneme_status*);
    int32_t (*integers)(mneme_source*, int64_t high, const int64_t* shape, int32_t dims,
                        mneme_tensor** out, mneme_status*);
    int32_t (*normal)(mneme_source*, const int64_t* shape, int32_t dims, mneme_tensor** out,
                      mneme_status*);
    int32_t (*permutation)(mneme_source*, int64_t n, mneme_tensor** out, mneme_status*);
} mneme_random_api;

#ifdef __cplusplus
}
#endif
#endif
