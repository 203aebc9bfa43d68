/* SPDX-License-Identifier: Apache-2.0 */
/* "mneme.autograd/1": derivatives of functions of a method's own. A method's functions are entered
 * with recording off. */
#ifndef MNEME_ABI_AUTOGRAD_H
#define MNEME_ABI_AUTOGRAD_H

#include <mneme/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mneme_autograd_api {
    uint32_t size, reserved;
    /* [learner] Turns recording on or off; gives the previous setting. */
    int32_t (*record)(int32_t on);
    /* [learner] The same values in a tensor that a gradient can be asked for. The caller owns *out.
     */
    int32_t (*leaf)(mneme_tensor*, mneme_tensor** out, mneme_status*);
    /* [learner] d(sum outputs[k] * cotangents[k]) / d inputs, each shaped like its input, zeros
     * where an input is not reached. cotangents, or one of them, NULL: ones. The caller owns
     * results[0..n_inputs). MNEME_OPERATOR: an output was not recorded. */
    int32_t (*gradients)(mneme_tensor* const* outputs, mneme_tensor* const* cotangents,
                         int32_t n_outputs, mneme_tensor* const* inputs, int32_t n_inputs,
                         mneme_tensor** results, mneme_status*);
} mneme_autograd_api;

#ifdef __cplusplus
}
#endif
#endif
