/* SPDX-License-Identifier: Apache-2.0 */
/* What a plugin gives: the methods in it, each a table of functions. */
#ifndef MNEME_ABI_METHOD_H
#define MNEME_ABI_METHOD_H

#include <mneme/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { /* mneme_method.flags */
       MNEME_NEEDS_TASK_ID = 1,
       MNEME_NEEDS_TASK_BOUNDARIES = 2,
       MNEME_ORACLE = 4,
       MNEME_CAPTURES = 8,
       MNEME_BATCHED = 16,
       MNEME_STORES_EXAMPLES = 32,
       MNEME_SCORES = 64 /* predict gives scores of which the largest counts, and not logits: no
                            loss is computed from them */
};

enum {                             /* mneme_setup.flags */
       MNEME_HIDDEN_BOUNDARIES = 1 /* no task is announced; begin_task and end_task come once */
};

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

enum { MNEME_THIS_TASK = 0, MNEME_SEEN_TASKS = 1, MNEME_NO_DATA = 2 }; /* mneme_phase.data */

/* NO_DATA: `observe` gets a batch whose tensors are NULL, `steps` times in each epoch. */
typedef struct mneme_phase {
    uint32_t size;
    int32_t data;
    char name[56];
    int64_t epochs, batch_size, samples, steps; /* steps of one epoch; 0: as [train] says, all, as
                                                   many as the examples give */
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
    /* [state] *value may be NULL: an undefined tensor. */
    int32_t (*tensor)(void* self, const char* name, mneme_tensor** value, mneme_status*);
    int32_t (*integer)(void* self, const char* name, int64_t* value, mneme_status*);
    int32_t (*real)(void* self, const char* name, double* value, mneme_status*);
} mneme_state;

/* The host calls, in this order: create; for each task begin_task, phases, for each phase
 * begin_phase, for each epoch begin_epoch, observe once a step, end_epoch, then end_phase, at last
 * end_task; destroy. predict, state and weights come between any two of them. */
typedef struct mneme_method {
    uint32_t size;
    uint32_t flags;
    const char *id, *version, *summary, *paper; /* for ever */
    /* *self: a learner, which the host gives back to destroy. The host's tables may be kept. */
    int32_t (*create)(const mneme_host*, const mneme_setup*, void** self, mneme_status*);
    void (*destroy)(void* self);
    int32_t (*begin_task)(void* self, const mneme_task*, mneme_status*);
    /* The phases of the task, at most `capacity`, into out; their number into *count. */
    int32_t (*phases)(void* self, const mneme_task*, mneme_phase* out, int32_t capacity,
                      int32_t* count, mneme_status*);
    int32_t (*begin_phase)(void* self, const mneme_phase*, mneme_status*);
    /* One step. companion: NULL unless the phase asked for one. */
    int32_t (*observe)(void* self, const mneme_batch*, const mneme_batch* companion, mneme_status*);
    int32_t (*end_phase)(void* self, const mneme_phase*, mneme_status*);
    int32_t (*end_task)(void* self, const mneme_task*, mneme_status*);
    /* Logits (or scores) float [S, N, C] of x [S, N, D], which the host then owns. task_id -1: the
     * task is not revealed. The learner is left as it was. */
    int32_t (*predict)(void* self, mneme_tensor* x, int64_t task_id, mneme_tensor** logits,
                       mneme_status*);
    int32_t (*state)(void* self, const mneme_state*, mneme_status*);
    /* theta [S, P] and stats [S, Q], which the host then owns. */
    int32_t (*weights)(void* self, mneme_tensor** theta, mneme_tensor** stats, mneme_status*);
    /* Epochs count from 0. NULL: not wanted. */
    int32_t (*begin_epoch)(void* self, const mneme_phase*, int64_t epoch, mneme_status*);
    int32_t (*end_epoch)(void* self, const mneme_phase*, int64_t epoch, mneme_status*);
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
