/* SPDX-License-Identifier: Apache-2.0 */
/* The boundary between Mneme and a method plugin: plain C11, nothing but <stdint.h>.
 *
 * Rules of the border
 *   - Every struct begins with its size in bytes. Fields are only appended. The reader of a struct
 * looks at no byte past the writer's size.
 *   - An array of structs that one side lends and the other fills (`layers`, `phases`) comes with
 * the size of its owner's struct in every element, the rest zero; elements lie that many bytes
 * apart, and no byte past it is written.
 *   - A function that can fail takes a mneme_status and returns its code: 0 is success, anything
 * else comes with a message.
 *   - No exception crosses. No ownership crosses but `self` of a method and references to tensors.
 *   - A tensor handed OUT by the host (results of `call`, `T**` parameters) belongs to the
 * receiver, who releases it. A tensor handed IN, either way, is borrowed for the call; who keeps it
 * retains it.
 *   - Strings are borrowed for the call unless a comment says "for ever" (as long as the library is
 * loaded).
 *   - One thread calls a plugin. The host never unloads it.
 *
 * Those who build a plugin without CMake link it with the version script { global: mneme_plugin_v1;
 * local: *; }; hidden visibility alone leaves weak and unique C++ symbols visible. */
#ifndef MNEME_ABI_H
#define MNEME_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { MNEME_ABI_MAJOR = 1, MNEME_SDK_MINOR = 0 };

typedef struct mneme_tensor mneme_tensor; /* reference-counted, lives in the host */
typedef struct mneme_op mneme_op;         /* an operator of the host's LibTorch; for ever */
typedef struct mneme_net mneme_net;       /* the network; lives as long as the learner */
typedef struct mneme_examples
    mneme_examples; /* a task's training data; borrowed with the task that lends it */
typedef struct mneme_source
    mneme_source; /* a source of random numbers; lives as long as the learner */
typedef struct mneme_setup_context
    mneme_setup_context; /* what a learner is built from; valid during `create` */

/* Outcome of a call. The caller sets `size` and owns it. */
typedef struct mneme_status {
    uint32_t size;
    int32_t code;
    char message[1016];
} mneme_status;

enum { /* mneme_status.code */
       MNEME_OK = 0,
       MNEME_FAILED = 1,   /* anything without a code of its own */
       MNEME_OPERATOR = 2, /* no such operator here, or LibTorch refused the call */
       MNEME_ARGUMENT = 3, /* wrong number, kind, shape or value of an argument */
       MNEME_OPTION = 4,   /* an option's value does not fit its declaration */
       MNEME_STATE = 5,    /* a call at a time when it is not allowed */
       MNEME_MEMORY = 6    /* out of memory, on the host or the device */
};

enum { /* mneme_value.kind; kinds are only added */
       MNEME_NONE = 0,
       MNEME_TENSOR = 1,
       MNEME_INT = 2,
       MNEME_REAL = 3,
       MNEME_BOOL = 4,
       MNEME_INTS = 5,
       MNEME_REALS = 6,
       MNEME_BOOLS = 7, /* v.ints, one 0 or 1 each */
       MNEME_STRING = 8,
       MNEME_DTYPE = 9, /* v.i, a MNEME_FLOAT32, ... */
       MNEME_TENSORS = 10,
       MNEME_OPTIONAL_TENSORS = 11 /* v.tensors, NULL where there is none */
};

enum {
    MNEME_FLOAT32 = 1,
    MNEME_FLOAT64 = 2,
    MNEME_INT64 = 3,
    MNEME_BOOL8 = 4,
    MNEME_UINT8 = 5,
    MNEME_INT32 = 6
}; /* dtypes */

/* 16 bytes for ever. `count` is the length of a list or string. */
typedef struct mneme_value {
    int32_t kind, count;
    union {
        mneme_tensor* tensor;
        int64_t i;
        double r;
        const int64_t* ints;
        const double* reals;
        const char* string;
        mneme_tensor** tensors;
    } v;
} mneme_value;

/* ---- "mneme.tensor/1": handles, and operators by ATen schema name
 * -------------------------------------------------- */
typedef struct mneme_tensor_api {
    uint32_t size;
    uint32_t reserved;
    void (*retain)(mneme_tensor*);
    void (*release)(mneme_tensor*);
    /* Dimensions, and the first `capacity` of their sizes. */
    int32_t (*shape)(const mneme_tensor*, int64_t* sizes, int32_t capacity);
    int32_t (*dtype)(const mneme_tensor*);
    /* The operator of that name ("aten::mul.Tensor"), or NULL and a message. Overloads with `out=`
     * are not offered. */
    const mneme_op* (*find)(const char* schema, mneme_status*);
    /* Number and kind of arguments are checked against the schema; int widens to real; missing
     * trailing arguments take the schema's defaults. Results are written to results[0..n_results).
     * A list result is one value of kind TENSORS, to be given back by release_list; its tensors
     * belong to the caller. */
    int32_t (*call)(const mneme_op*, const mneme_value* args, int32_t n_args, mneme_value* results,
                    int32_t n_results, mneme_status*);
    void (*release_list)(mneme_value*);
    /* Copies every element to the host's memory, as double or int64 (kind MNEME_REAL or MNEME_INT).
     * Waits for the device; refused while a step is captured. */
    int32_t (*read)(const mneme_tensor*, int32_t kind, void* out, int64_t count, mneme_status*);
    /* A tensor on the learner's device with a copy of `data` (row-major, `dtype`), or filled with
     * zeros when data is NULL. */
    int32_t (*create)(const int64_t* sizes, int32_t dims, int32_t dtype, const void* data,
                      mneme_tensor** out, mneme_status*);
} mneme_tensor_api;

/* ---- "mneme.net/1": the network as a pure function of its weights
 * -------------------------------------------------- */
enum { MNEME_TRAIN = 0, MNEME_EVAL = 1, MNEME_BATCH_STATS = 2 };             /* mode */
enum { MNEME_WEIGHT = 0, MNEME_BIAS = 1, MNEME_SCALE = 2, MNEME_SHIFT = 3 }; /* mneme_layer.kind */
enum {
    MNEME_OF_LOSS = 0,
    MNEME_OF_LOSS_EXPECTED = 1,
    MNEME_OF_LOGITS_NORM = 2,
    MNEME_OF_PROBABILITY_NORM = 3,
    MNEME_OF_MAX_LOGIT = 4,
    MNEME_OF_MAX_PROBABILITY = 5
};                                        /* per_sample: of */
enum { MNEME_SQUARE = 0, MNEME_ABS = 1 }; /* per_sample: reduce */

/* How one tensor lies in a row of theta: `numel` entries from `offset`. Groups name the hidden
 * dimension that an axis belongs to
 * (-1: none); entries of one group can be permuted together. */
typedef struct mneme_layer {
    uint32_t size;
    int32_t kind;
    const char* name; /* as long as the net */
    int64_t shape[4]; /* dims of them */
    int32_t dims, in_group, out_group, reserved;
    int64_t offset, numel, fan_in;
} mneme_layer;

/* One mini-batch for every replica; see batch.hpp for shapes. Borrowed for the call. */
typedef struct mneme_batch {
    uint32_t size;
    uint32_t reserved;
    mneme_tensor *x, *y, *task, *weight;
    int64_t current;
} mneme_batch;

typedef struct mneme_net_api {
    uint32_t size;
    uint32_t reserved;
    int64_t (*replicas)(const mneme_net*);
    int64_t (*classes)(const mneme_net*);
    int64_t (*parameters)(const mneme_net*);
    int64_t (*columns)(const mneme_net*);
    int64_t (*layers)(const mneme_net*, mneme_layer* out,
                      int64_t capacity); /* how many there are */
    int64_t (*groups)(const mneme_net*, int64_t* out, int64_t capacity);
    int32_t (*initial)(const mneme_net*, mneme_tensor** theta, mneme_tensor** stats, mneme_status*);
    int32_t (*logits)(const mneme_net*, mneme_tensor* theta, mneme_tensor* stats, mneme_tensor* x,
                      int32_t mode, mneme_tensor** out, mneme_status*);
    int32_t (*features)(const mneme_net*, mneme_tensor* theta, mneme_tensor* stats, mneme_tensor* x,
                        int32_t mode, mneme_tensor** out, mneme_status*);
    int32_t (*head)(const mneme_net*, mneme_tensor* task, mneme_tensor** out, mneme_status*);
    int32_t (*losses)(const mneme_net*, mneme_tensor* logits, const mneme_batch*,
                      mneme_tensor** out, mneme_status*);
    int32_t (*loss)(const mneme_net*, mneme_tensor* theta, mneme_tensor* stats, const mneme_batch*,
                    int32_t mode, mneme_tensor** out, mneme_status*);
    int32_t (*gradient)(const mneme_net*, mneme_tensor* theta, mneme_tensor* stats,
                        const mneme_batch*, int32_t mode, mneme_tensor** out, mneme_status*);
    int32_t (*per_sample)(const mneme_net*, mneme_tensor* theta, mneme_tensor* stats,
                          const mneme_batch*, int32_t of, int32_t reduce, mneme_tensor** out,
                          mneme_status*);
} mneme_net_api;

/* ---- "mneme.data/1": the training data of a task
 * ------------------------------------------------------------------- */
enum { MNEME_DRAW_SAMPLE = 0, MNEME_DRAW_PER_CLASS = 1 };

typedef struct mneme_data_api {
    uint32_t size;
    uint32_t reserved;
    int64_t (*count)(const mneme_examples*);
    /* Positions [S, n] int64, drawn per replica without replacement: n of all, or n of each class.
     */
    int32_t (*draw)(const mneme_examples*, int32_t how, int64_t n, mneme_tensor** out,
                    mneme_status*);
    /* Fills x, y, task, weight (owned by the caller) with the examples at positions [S, n]. */
    int32_t (*gather)(const mneme_examples*, mneme_tensor* positions, mneme_batch* out,
                      mneme_status*);
} mneme_data_api;

/* ---- "mneme.random/1": counter-based random numbers
 * ---------------------------------------------------------------- */
typedef struct mneme_random_api {
    uint32_t size;
    uint32_t reserved;
    /* A second source of one purpose in one learner is refused. */
    int32_t (*open)(mneme_setup_context*, const char* purpose, mneme_source** out, mneme_status*);
    /* [S, ...shape]: float32 in [0,1), int64 in [0,high), float32 standard normal. */
    int32_t (*uniform)(mneme_source*, const int64_t* shape, int32_t dims, mneme_tensor** out,
                       mneme_status*);
    int32_t (*integers)(mneme_source*, int64_t high, const int64_t* shape, int32_t dims,
                        mneme_tensor** out, mneme_status*);
    int32_t (*normal)(mneme_source*, const int64_t* shape, int32_t dims, mneme_tensor** out,
                      mneme_status*);
    int32_t (*permutation)(mneme_source*, int64_t n, mneme_tensor** out,
                           mneme_status*); /* [S, n] int64 */
} mneme_random_api;

/* ---- "mneme.options/1": reading an option declares it
 * -------------------------------------------------------------- */
enum {
    MNEME_OPTION_NUMBER = 0,
    MNEME_OPTION_REAL = 1,
    MNEME_OPTION_COUNT = 2,
    MNEME_OPTION_CHOICE = 3,
    MNEME_OPTION_FLAG = 4
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
} mneme_option;

typedef struct mneme_options_api {
    uint32_t size;
    uint32_t reserved;
    /* NUMBER: out->kind TENSOR, [S, 1] float32, owned by the caller. REAL: REAL. COUNT, FLAG: INT.
     * CHOICE: INT, the index. */
    int32_t (*declare)(mneme_setup_context*, const mneme_option*, mneme_value* out, mneme_status*);
} mneme_options_api;

/* ---- "mneme.optimizer/1": fused update rules on [S, P]
 * -------------------------------------------------------------- */
enum { MNEME_SGD = 0, MNEME_ADAM = 1, MNEME_ADAMW = 2 };

typedef struct mneme_update {
    uint32_t size;
    int32_t rule;
    double momentum, beta1, beta2, epsilon;
    mneme_tensor *lr, *weight_decay; /* [S, 1] */
    mneme_tensor *first,
        *second;         /* moments [S, P]; SGD uses the first, and none when momentum is 0 */
    mneme_tensor* steps; /* [S, 1] float32, counted up by ADAM and ADAMW */
    mneme_tensor* mask;  /* [S, P] or [1, P] bool or NULL: only entries that are true move */
    /* A quadratic penalty: the gradient becomes g + 2 strength importance (theta - anchor), the
     * second part cut entry by entry to
     * [-clip, clip] where clip > 0. NULL: none. */
    mneme_tensor *importance, *anchor; /* [S, P] */
    mneme_tensor* strength;            /* [S, 1] */
    double clip;
    /* A path integral: path <- path - along * (theta after - theta before). NULL: none. */
    mneme_tensor *path, *along; /* [S, P]; along NULL: g, as it was given */
} mneme_update;

typedef struct mneme_optimizer_api {
    uint32_t size;
    uint32_t reserved;
    int32_t (*step)(const mneme_update*, mneme_tensor* theta, mneme_tensor* gradient,
                    mneme_status*); /* theta changes in place */
} mneme_optimizer_api;

/* ---- "mneme.autograd/1": for methods with a loss of their own
 * -------------------------------------------------------- */
typedef struct mneme_autograd_api {
    uint32_t size;
    uint32_t reserved;
    int32_t (*record)(int32_t on); /* the previous setting; plugin code starts with recording off */
    int32_t (*leaf)(mneme_tensor*, mneme_tensor** out,
                    mneme_status*); /* same values, a fresh leaf that requires a gradient */
    /* d(sum outputs[k] * cotangents[k]) / d inputs; cotangents may be NULL (ones). An input that is
     * not reached gets zeros. */
    int32_t (*gradients)(mneme_tensor* const* outputs, mneme_tensor* const* cotangents,
                         int32_t n_outputs, mneme_tensor* const* inputs, int32_t n_inputs,
                         mneme_tensor** results, mneme_status*);
} mneme_autograd_api;

/* ---- "mneme.select/1": the largest of each row
 * ------------------------------------------------------------------------ */
typedef struct mneme_select_api {
    uint32_t size, reserved;
    /* bool [S, n] of floats [S, n]: true at the k largest of each row; of equal ones the last. k: 1
     * to n. */
    int32_t (*largest)(const mneme_tensor*, int64_t k, mneme_tensor** out, mneme_status*);
} mneme_select_api;

/* ---- "mneme.rows/1": rows of a batch that is kept
 * ---------------------------------------------------------------------- */
typedef struct mneme_rows_api {
    uint32_t size, reserved;
    /* Row b of `from` into slot[s, b] of `to` in place, s by s; slot [S, B] int64. Where that is
     * none of its slots 0..M-1 nothing is written; of rows for one slot the last is. `to` is
     * contiguous with x float32 [S, M, ...]; x of `from` may be [B, ...]. */
    int32_t (*put)(const mneme_batch* to, mneme_tensor* slot, const mneme_batch* from,
                   mneme_status*);
} mneme_rows_api;

/* ---- "mneme.products/1": inner products of rows
 * ------------------------------------------------------------------------ */
typedef struct mneme_products_api {
    uint32_t size, reserved;
    /* float32 [S, 1] each, of float32 a and b [S, n]: a.b and b.b of each row, summed in an order
     * that n alone decides. */
    int32_t (*of_rows)(mneme_tensor* a, mneme_tensor* b, mneme_tensor** ab, mneme_tensor** bb,
                       mneme_status*);
} mneme_products_api;

/* ---- "mneme.device/1": for plugins with kernels of their own
 * --------------------------------------------------------- */
typedef struct mneme_device_api {
    uint32_t size;
    uint32_t reserved;
    int32_t (*is_cuda)(const mneme_tensor*);
    int32_t (*index)(const mneme_tensor*);
    void* (*data)(mneme_tensor*); /* of a contiguous tensor; NULL otherwise */
    void* (*stream)(void);        /* the current cudaStream_t, NULL on a CPU */
} mneme_device_api;

/* ---- "mneme.libtorch/1": for plugins of the native tier, which are tied to one LibTorch
 * (mneme/libtorch.hpp) ---------- */
typedef struct mneme_libtorch_api {
    uint32_t size;
    uint32_t reserved;
    const void* witness; /* the undefined tensor's implementation: equal addresses mean one LibTorch
                            in the process */
    void* (*unwrap)(
        mneme_tensor*); /* the at::Tensor in a handle, borrowed as long as the handle is kept */
    int32_t (*wrap)(const void* tensor, mneme_tensor** out,
                    mneme_status*); /* of an at::Tensor; values are shared */
} mneme_libtorch_api;

/* ---- the host
 * -------------------------------------------------------------------------------------------------------
 */
typedef struct mneme_host {
    uint32_t size;
    uint32_t sdk_minor;
    const void* (*find_interface)(const char* id); /* a table, or NULL: "not here" */
    void (*log)(const char* line); /* one line for the log; stdout belongs to the host */
} mneme_host;

/* ---- what a method gives
 * ---------------------------------------------------------------------------------------------- */
enum {
    MNEME_NEEDS_TASK_ID = 1,
    MNEME_NEEDS_TASK_BOUNDARIES = 2,
    MNEME_ORACLE = 4,
    MNEME_CAPTURES = 8,
    MNEME_BATCHED = 16,
    MNEME_STORES_EXAMPLES = 32
}; /* mneme_method.flags */

enum {
    MNEME_HIDDEN_BOUNDARIES = 1
}; /* mneme_setup.flags: the stream announces no task; begin_task and end_task come once */

typedef struct mneme_setup {
    uint32_t size;
    uint32_t flags;
    int64_t replicas;
    const mneme_net* net;
    mneme_setup_context* context;
} mneme_setup;

typedef struct mneme_task {
    uint32_t size;
    uint32_t reserved;
    int64_t index, count; /* from 0; tasks in the stream */
    const int64_t* classes;
    int64_t n_classes;
    const mneme_examples* train;
} mneme_task;

enum { MNEME_THIS_TASK = 0, MNEME_SEEN_TASKS = 1 };

typedef struct mneme_phase {
    uint32_t size;
    int32_t data;
    char name[56];
    int64_t epochs, batch_size, samples,
        steps; /* steps of one epoch; 0: as [train] says, all, as many as the examples give */
    int32_t companion, reserved;
} mneme_phase;

/* Given to mneme_method.state: visit the weights as "weights.theta" and "weights.stats" (they are
 * not the method's own memory); a name with a ~ in it is working space and not counted as kept.
 * Visit every tensor and counter, same names, same order, every time. Saving reads the values,
 * loading replaces them (a tensor handed in is released by the host's side of the call, the new one
 * is owned by the plugin). */
typedef struct mneme_state {
    uint32_t size;
    int32_t loading;
    void* self;
    int32_t (*tensor)(void* self, const char* name, mneme_tensor** value,
                      mneme_status*); /* may be NULL: undefined */
    int32_t (*integer)(void* self, const char* name, int64_t* value, mneme_status*);
    int32_t (*real)(void* self, const char* name, double* value, mneme_status*);
} mneme_state;

typedef struct mneme_method {
    uint32_t size;
    uint32_t flags;
    const char *id, *version, *summary, *paper; /* for ever */
    int32_t (*create)(const mneme_host*, const mneme_setup*, void** self, mneme_status*);
    void (*destroy)(void* self);
    int32_t (*begin_task)(void* self, const mneme_task*, mneme_status*);
    int32_t (*phases)(void* self, const mneme_task*, mneme_phase* out, int32_t capacity,
                      int32_t* count, mneme_status*);
    int32_t (*begin_phase)(void* self, const mneme_phase*, mneme_status*);
    int32_t (*observe)(void* self, const mneme_batch*, const mneme_batch* companion,
                       mneme_status*); /* companion: NULL without */
    int32_t (*end_phase)(void* self, const mneme_phase*, mneme_status*);
    int32_t (*end_task)(void* self, const mneme_task*, mneme_status*);
    int32_t (*predict)(void* self, mneme_tensor* x, int64_t task_id, mneme_tensor** logits,
                       mneme_status*); /* task_id -1: not revealed */
    int32_t (*state)(void* self, const mneme_state*, mneme_status*);
    int32_t (*weights)(void* self, mneme_tensor** theta, mneme_tensor** stats, mneme_status*);
} mneme_method;

typedef struct mneme_plugin {
    uint32_t size;
    uint32_t abi_major, sdk_minor, target_minor;
    const char* const* interfaces; /* required host interfaces, NULL-terminated; for ever */
    const char* operators; /* required operators: names, each ended by 0, operators_bytes in all;
                              for ever */
    uint64_t operators_bytes;
    const mneme_method* const* methods; /* NULL-terminated; for ever */
} mneme_plugin;

/* The one exported symbol. Does nothing but return the table. */
#define MNEME_PLUGIN_ENTRY "mneme_plugin_v1"
const mneme_plugin* mneme_plugin_v1(void);

/* ELF note, section .note.mneme, owner "mneme", type 1. Its payload is text, one "key=value" a
 * line: sdk, target, tier, arch, compiler, and per method a block that begins with "method=<id>"
 * and holds version, summary, paper, flags. Read before anything is loaded. */
#define MNEME_NOTE_OWNER "mneme"
#define MNEME_NOTE_TYPE 1

#ifdef __cplusplus
}
#endif
#endif
