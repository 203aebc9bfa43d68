/* SPDX-License-Identifier: Apache-2.0 */
/* "mneme.tensor/1": handles on tensors, and LibTorch's operators by schema name. */
#ifndef MNEME_ABI_TENSOR_H
#define MNEME_ABI_TENSOR_H

#include <mneme/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mneme_op mneme_op; /* an operator of the host's LibTorch; for ever */

enum { /* types of a tensor's values */
       MNEME_FLOAT32 = 1,
       MNEME_FLOAT64 = 2,
       MNEME_INT64 = 3,
       MNEME_BOOL8 = 4,
       MNEME_UINT8 = 5,
       MNEME_INT32 = 6
};

typedef struct mneme_tensor_api {
    uint32_t size, reserved;
    /* [any] One reference more, one reference less. NULL is not allowed. */
    void (*retain)(mneme_tensor*);
    void (*release)(mneme_tensor*);
    /* [any] The number of dimensions; the first `capacity` sizes go to `sizes`, which the caller
     * owns. */
    int32_t (*shape)(const mneme_tensor*, int64_t* sizes, int32_t capacity);
    /* [any] A MNEME_FLOAT32, ...; 0 for a type that does not cross. */
    int32_t (*dtype)(const mneme_tensor*);
    /* [any] The operator of that name ("aten::mul.Tensor"); NULL and MNEME_OPERATOR where LibTorch
     * has none. Overloads with `out=` are not offered. */
    const mneme_op* (*find)(const char* schema, mneme_status*);
    /* [learner] Applies the operator. Number and kind of arguments are checked against its schema;
     * int widens to real; missing trailing arguments take the schema's defaults. The caller owns
     * results[0..n_results); a list result is one value of kind TENSORS, given back by
     * release_list. MNEME_ARGUMENT: the arguments do not fit. MNEME_OPERATOR: LibTorch refused. */
    int32_t (*call)(const mneme_op*, const mneme_value* args, int32_t n_args, mneme_value* results,
                    int32_t n_results, mneme_status*);
    /* [any] Frees the list, not its tensors. */
    void (*release_list)(mneme_value*);
    /* [learner, not captured] Copies all `count` values to `out`, which the caller owns, as double
     * (kind MNEME_REAL) or int64 (MNEME_INT). Waits for the device. MNEME_STATE: a step is being
     * captured. MNEME_ARGUMENT: `count` is not the number of values. */
    int32_t (*read)(const mneme_tensor*, int32_t kind, void* out, int64_t count, mneme_status*);
    /* [learner; with data: not captured] A tensor of `sizes` on the learner's device, with a copy
     * of `data` (row-major, of `dtype`) or of zeros where data is NULL. The caller owns *out. */
    int32_t (*create)(const int64_t* sizes, int32_t dims, int32_t dtype, const void* data,
                      mneme_tensor** out, mneme_status*);
} mneme_tensor_api;

#ifdef __cplusplus
}
#endif
#endif
