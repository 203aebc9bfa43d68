/* SPDX-License-Identifier: Apache-2.0 */
/* "mneme.products/1": inner products of rows. */
#ifndef MNEME_ABI_PRODUCTS_H
#define MNEME_ABI_PRODUCTS_H

#include <mneme/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mneme_products_api {
    uint32_t size, reserved;
    /* [learner] float32 [S, 1] each, of float32 a and b [S, n]: a.b and b.b of each row, summed in
     * an order that n alone decides. The caller owns *ab and *bb. */
    int32_t (*of_rows)(mneme_tensor* a, mneme_tensor* b, mneme_tensor** ab, mneme_tensor** bb,
                       mneme_status*);
} mneme_products_api;

#ifdef __cplusplus
}
#endif
#endif
