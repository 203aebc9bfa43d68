/* SPDX-License-Identifier: Apache-2.0 */
/* "mneme.gradients/1": gradients of a loss of one's own, in one pass forward and one back. */
#ifndef MNEME_ABI_GRADIENTS_H
#define MNEME_ABI_GRADIENTS_H

#include <mneme/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Gives d loss / d logits for logits [R, B, C] of the batch, in *out, which the host then owns.
 * Called once, within the call that it was handed to. */
typedef int32_t (*mneme_cotangent)(void* self, mneme_tensor* logits, mneme_tensor** out,
                                   mneme_status*);

typedef struct mneme_gradients_api {
    uint32_t size, reserved;
    /* [learner] d loss / d theta, [R, P] like theta, for the cotangent of the logits of x. Of the
     * batch x, weight (rows of weight 0 are left out of batch statistics) and current (dropout) are
     * read. The caller owns *out. A failure of `cotangent` is passed on. */
    int32_t (*by_cotangent)(const mneme_net*, mneme_tensor* theta, mneme_tensor* stats,
                            const mneme_batch*, int32_t mode, mneme_cotangent cotangent, void* self,
                            mneme_tensor** out, mneme_status*);
    /* [learner] The built-in cotangent: d loss / d logits [R, B, C] of the cross-entropy under the
     * head rule, averaged by weight. Within `cotangent` of by_cotangent in train mode the losses of
     * the first `current` rows are noted for the curve of training. The caller owns *out. */
    int32_t (*loss_cotangent)(const mneme_net*, mneme_tensor* logits, const mneme_batch*,
                              mneme_tensor** out, mneme_status*);
    /* [learner] The gradient of each row by itself in eval mode, [R, B, P]: of its own
     * cross-entropy where cotangents is NULL, else for the cotangents [R, B, C] of its logits.
     * Weights are not read. The caller owns *out. */
    int32_t (*of_rows)(const mneme_net*, mneme_tensor* theta, mneme_tensor* stats,
                       const mneme_batch*, mneme_tensor* cotangents, mneme_tensor** out,
                       mneme_status*);
} mneme_gradients_api;

#ifdef __cplusplus
}
#endif
#endif
