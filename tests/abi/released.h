/* SPDX-License-Identifier: Apache-2.0 */
/* How long the structs of the border were in a release, told by a file that is compiled with that
 * release's headers. */
#ifndef MNEME_TESTS_RELEASED_H
#define MNEME_TESTS_RELEASED_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mneme_released {
    uint32_t host, setup, task, phase, batch, state, status, method;
} mneme_released;
extern const mneme_released mneme_released_1_0;
uint32_t mneme_released_table_1_0(const char* id); /* 0: there was no such interface */

#ifdef __cplusplus
}
#endif
#endif
