/* SPDX-License-Identifier: Apache-2.0 */
/* "mneme.run/1": what a method may know of the run that it is built for. */
#ifndef MNEME_ABI_RUN_H
#define MNEME_ABI_RUN_H

#include <mneme/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { MNEME_SCENARIO_DOMAIN = 0, MNEME_SCENARIO_TASK = 1, MNEME_SCENARIO_CLASS = 2 };

typedef struct mneme_run {
    uint32_t size;
    int32_t scenario;
    int64_t tasks;          /* in the stream; 0: not known, since no task is announced */
    int64_t input_shape[4]; /* input_dims of them: numbers; channels, rows, columns of an image; or
                               length, numbers of a text. Their product is D */
    int32_t input_dims, reserved;
    int64_t features; /* F: the width of what enters the last layer */
} mneme_run;

typedef struct mneme_run_api {
    uint32_t size, reserved;
    /* [create] Fills *out, which the caller owns, up to the size that it says. */
    int32_t (*facts)(mneme_setup_context*, mneme_run* out, mneme_status*);
} mneme_run_api;

#ifdef __cplusplus
}
#endif
#endif
