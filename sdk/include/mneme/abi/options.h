/* SPDX-License-Identifier: Apache-2.0 */
/* "mneme.options/1": reading an option declares it. */
#ifndef MNEME_ABI_OPTIONS_H
#define MNEME_ABI_OPTIONS_H

#include <mneme/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { /* mneme_option.kind; kinds are only added */
       MNEME_OPTION_NUMBER = 0,
       MNEME_OPTION_REAL = 1,
       MNEME_OPTION_COUNT = 2,
       MNEME_OPTION_CHOICE = 3,
       MNEME_OPTION_FLAG = 4,
       MNEME_OPTION_TEXT = 5
};

typedef struct mneme_option {
    uint32_t size;
    int32_t kind;
    const char *name, *help;
    double default_real; /* NUMBER, REAL */
    int64_t default_int; /* COUNT, FLAG, and the index of a CHOICE */
    double min, max;     /* bounds; -INFINITY and INFINITY for none */
    int32_t min_excluded, max_excluded;
    const char* const* choices; /* CHOICE */
    int32_t n_choices;
    int32_t train; /* 1: a key of [train] and not an option; the default is the plugin's own */
    const char* default_text; /* TEXT */
} mneme_option;

typedef struct mneme_options_api {
    uint32_t size, reserved;
    /* [create] NUMBER: out->kind TENSOR, [S, 1] float32, which the caller owns. REAL: REAL. COUNT,
     * FLAG: INT. CHOICE: INT, the index. TEXT: STRING, borrowed until the next declaration.
     * MNEME_OPTION: declared twice, or a value that is of the wrong kind or out of bounds. */
    int32_t (*declare)(mneme_setup_context*, const mneme_option*, mneme_value* out, mneme_status*);
} mneme_options_api;

#ifdef __cplusplus
}
#endif
#endif
