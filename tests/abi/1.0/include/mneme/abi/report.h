/* SPDX-License-Identifier: Apache-2.0 */
/* "mneme.report/1": what a method reports of its training beside its results. */
#ifndef MNEME_ABI_REPORT_H
#define MNEME_ABI_REPORT_H

#include <mneme/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mneme_diagnostic mneme_diagnostic; /* lives as long as the learner */

typedef struct mneme_report_api {
    uint32_t size, reserved;
    /* [learner] Notes losses [S, B] float32 of a batch for the curve of training: the first
     * `current` rows, by weight. For a method whose step does not call `gradient` in train mode. */
    int32_t (*loss)(const mneme_net*, mneme_tensor* losses, const mneme_batch*, mneme_status*);
    /* [create] A quantity of `length` numbers a replica, 1 to 4096, that goes into the results of a
     * task under this name (lower-case letters, digits, _). unit: "1" for a bare number.
     * MNEME_STATE: the name is taken. MNEME_ARGUMENT: a name, unit or length that does not fit. */
    int32_t (*declare)(mneme_setup_context*, const char* name, const char* unit, const char* help,
                       int64_t length, mneme_diagnostic** out, mneme_status*);
    /* [learner, not captured] Its values [S, length] in the task under way; those of an earlier
     * call in the same task are replaced. Waits for the device. */
    int32_t (*values)(mneme_diagnostic*, mneme_tensor* values, mneme_status*);
} mneme_report_api;

#ifdef __cplusplus
}
#endif
#endif
