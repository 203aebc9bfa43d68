/* SPDX-License-Identifier: Apache-2.0 */
/* "mneme.net/1": the network as a pure function of its weights theta [R, P] and its running
 * statistics stats [R, Q], float32. R is S, or k S where a learner stacks k weights per replica and
 * repeats the data to match.
 *
 * The head rule: which logits of a row count. Scenario domain: all. Scenario task: those of the
 * classes of the row's own task. Scenario class: those of all classes that have been seen so far,
 * or, where the benchmark says `[scenario] logits = "all"`, of every class from the start. The
 * others are left out of the softmax, and their gradient is 0. */
#ifndef MNEME_ABI_NET_H
#define MNEME_ABI_NET_H

#include <mneme/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { MNEME_TRAIN = 0, MNEME_EVAL = 1, MNEME_BATCH_STATS = 2 };             /* mode */
enum { MNEME_WEIGHT = 0, MNEME_BIAS = 1, MNEME_SCALE = 2, MNEME_SHIFT = 3 }; /* mneme_layer.kind */
enum {                                                                       /* per_sample: of */
       MNEME_OF_LOSS = 0,
       MNEME_OF_LOSS_EXPECTED = 1,
       MNEME_OF_LOGITS_NORM = 2,
       MNEME_OF_PROBABILITY_NORM = 3,
       MNEME_OF_MAX_LOGIT = 4,
       MNEME_OF_MAX_PROBABILITY = 5
};
enum { MNEME_SQUARE = 0, MNEME_ABS = 1 }; /* per_sample: reduce */

/* How one tensor lies in a row of theta: `numel` entries from `offset`. Groups name the hidden
 * dimension that an axis belongs to (-1: none); entries of one group can be permuted together. */
typedef struct mneme_layer {
    uint32_t size;
    int32_t kind;
    const char* name; /* as long as the net */
    int64_t shape[4]; /* dims of them */
    int32_t dims, in_group, out_group, reserved;
    int64_t offset, numel, fan_in;
} mneme_layer;

/* Every function with a `mode`, MNEME_ARGUMENT: a shape or a mode does not fit. Every function with
 * `out`: the caller owns *out. */
typedef struct mneme_net_api {
    uint32_t size, reserved;
    /* [learner] S; classes; real entries of a row of theta; its width with padding. */
    int64_t (*replicas)(const mneme_net*);
    int64_t (*classes)(const mneme_net*);
    int64_t (*parameters)(const mneme_net*);
    int64_t (*columns)(const mneme_net*);
    /* [learner] How many there are; the first `capacity` go to `out`, which the caller owns. */
    int64_t (*layers)(const mneme_net*, mneme_layer* out, int64_t capacity);
    int64_t (*groups)(const mneme_net*, int64_t* out, int64_t capacity);
    /* [learner] theta [S, P] and stats [S, Q] at the start, the same for every method of a seed. */
    int32_t (*initial)(const mneme_net*, mneme_tensor** theta, mneme_tensor** stats, mneme_status*);
    /* [learner] Of x [R, B, D] float32: logits [R, B, C], features [R, B, F]. */
    int32_t (*logits)(const mneme_net*, mneme_tensor* theta, mneme_tensor* stats, mneme_tensor* x,
                      int32_t mode, mneme_tensor** out, mneme_status*);
    int32_t (*features)(const mneme_net*, mneme_tensor* theta, mneme_tensor* stats, mneme_tensor* x,
                        int32_t mode, mneme_tensor** out, mneme_status*);
    /* [learner] bool [R, B, C] of task [R, B] int64: the logits that count by the head rule. */
    int32_t (*head)(const mneme_net*, mneme_tensor* task, mneme_tensor** out, mneme_status*);
    /* [learner] Cross-entropy in nat of each row under the head rule, [R, B]. */
    int32_t (*losses)(const mneme_net*, mneme_tensor* logits, const mneme_batch*,
                      mneme_tensor** out, mneme_status*);
    /* [learner] sum(weight losses) / sum(weight), [R]; 0 where the weights are all 0. */
    int32_t (*loss)(const mneme_net*, mneme_tensor* theta, mneme_tensor* stats, const mneme_batch*,
                    int32_t mode, mneme_tensor** out, mneme_status*);
    /* [learner] d loss / d theta, [R, P]. In train mode with R = S the losses of the first
     * `current` rows are noted for the curve of training. */
    int32_t (*gradient)(const mneme_net*, mneme_tensor* theta, mneme_tensor* stats,
                        const mneme_batch*, int32_t mode, mneme_tensor** out, mneme_status*);
    /* [learner] Mean by weight of the square or absolute value of each row's own gradient of `of`,
     * in eval mode, [R, P]. */
    int32_t (*per_sample)(const mneme_net*, mneme_tensor* theta, mneme_tensor* stats,
                          const mneme_batch*, int32_t of, int32_t reduce, mneme_tensor** out,
                          mneme_status*);
} mneme_net_api;

#ifdef __cplusplus
}
#endif
#endif
