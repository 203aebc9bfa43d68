/* SPDX-License-Identifier: Apache-2.0 */
/* "mneme.layers/1": what enters each layer with weights, and which rows of the last one belong to a
 * class. */
#ifndef MNEME_ABI_LAYERS_H
#define MNEME_ABI_LAYERS_H

#include <mneme/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mneme_layers_api {
    uint32_t size, reserved;
    /* [learner] Of x [R, B, D]: what enters each layer of kind MNEME_WEIGHT, in the order of
     * `layers`, float32 [R, rows, fan_in]. A linear layer has a row for each example, a convolution
     * one for each example and place (examples first), unfolded as its weights lie. The first
     * `capacity` go to out[0..capacity), which the caller owns; *count is how many there are. */
    int32_t (*inputs)(const mneme_net*, mneme_tensor* theta, mneme_tensor* stats, mneme_tensor* x,
                      int32_t mode, mneme_tensor** out, int32_t capacity, int32_t* count,
                      mneme_status*);
    /* [learner] Positions in `layers` of those that belong to the head: row c of each of them is
     * class c's. How many there are; the first `capacity` go to `out`, which the caller owns. */
    int64_t (*head)(const mneme_net*, int64_t* out, int64_t capacity);
} mneme_layers_api;

#ifdef __cplusplus
}
#endif
#endif
