/* SPDX-License-Identifier: Apache-2.0 */
/* "mneme.augment/1": moves the pictures of a batch at random, as the harness does before a step. */
#ifndef MNEME_ABI_AUGMENT_H
#define MNEME_ABI_AUGMENT_H

#include <mneme/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mneme_augmentation {
    uint32_t size;
    int32_t horizontal_flip; /* 1: half of the pictures are turned */
    int64_t crop_padding;    /* shifted by up to so many pixels; 0: not */
} mneme_augmentation;

typedef struct mneme_augment_api {
    uint32_t size, reserved;
    /* [learner] x [S, B, D] float32 moved by draws of the source, in another tensor, or x itself
     * where nothing is to be done. how NULL: as the benchmark says. The caller owns *out.
     * MNEME_ARGUMENT: the inputs are not pictures. */
    int32_t (*apply)(mneme_source*, const mneme_augmentation* how, mneme_tensor* x,
                     mneme_tensor** out, mneme_status*);
} mneme_augment_api;

#ifdef __cplusplus
}
#endif
#endif
