/* SPDX-License-Identifier: Apache-2.0 */
/* The boundary between Mneme and a method plugin: plain C11, nothing but <stdint.h>. This page has
 * what every plugin exchanges; each service of the host has a page of its own in mneme/abi/.
 *
 * Rules
 *   - Every struct begins with its size in bytes. Fields are only appended. The reader of a struct
 *     looks at no byte past the writer's size.
 *   - An array of structs that one side lends and the other fills (`layers`, `phases`) comes with
 *     the size of its owner's struct in every element, the rest zero; elements lie that many bytes
 *     apart, and no byte past it is written.
 *   - A function that can fail takes a mneme_status and returns its code: 0 is success, anything
 *     else comes with a message.
 *   - No exception crosses. No ownership crosses but `self` of a method and references to tensors.
 *   - A tensor handed OUT by the host (results of `call`, `T**` parameters) belongs to the
 *     receiver, who releases it. A tensor handed IN, either way, is borrowed for the call; who
 *     keeps it retains it.
 *   - Strings are borrowed for the call unless a comment says "for ever" (as long as the library is
 *     loaded).
 *   - One thread calls a plugin. The host never unloads it.
 *
 * Each function says first, in brackets, when it may be called: [create] while the method's
 * `create` runs, [learner] while any function of the method runs, a captured step included (not
 * captured: outside `observe`), [any] at any time. Then what it does, with shapes and types; who
 * owns what; its errors beside MNEME_FAILED and MNEME_MEMORY. S is the number of replicas, B of
 * rows in a batch, D of numbers in an example, C of classes, P the width of a row of weights.
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

typedef struct mneme_tensor mneme_tensor;               /* reference-counted, lives in the host */
typedef struct mneme_net mneme_net;                     /* as long as the learner */
typedef struct mneme_examples mneme_examples;           /* borrowed with the task that lends it */
typedef struct mneme_source mneme_source;               /* as long as the learner */
typedef struct mneme_setup_context mneme_setup_context; /* valid during `create` */

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

/* One mini-batch for every replica; its tensors are not written to. */
typedef struct mneme_batch {
    uint32_t size, reserved;
    mneme_tensor* x;      /* float32 [S, B, D] */
    mneme_tensor* y;      /* int64 [S, B], the class in the head's numbering */
    mneme_tensor* task;   /* int64 [S, B], the task that a row came from */
    mneme_tensor* weight; /* float32 [S, B] */
    int64_t current;      /* the first rows belong to the task under way, the others to a memory */
    mneme_tensor* id;     /* int64 [S, B], the row's position in the task's data; NULL: not known */
    mneme_tensor* plain;  /* x before the harness moved its pictures; NULL: x itself */
} mneme_batch;

/* [any] What a method is given of the host. */
typedef struct mneme_host {
    uint32_t size;
    uint32_t sdk_minor;
    /* [any] The table of that name ("mneme.tensor/1"), for ever; NULL where this host has none. */
    const void* (*find_interface)(const char* id);
    /* [any] One line for the log; stdout belongs to the host. */
    void (*log)(const char* line);
} mneme_host;

#ifdef __cplusplus
}
#endif

#include <mneme/abi/method.h>
#include <mneme/abi/services.h>
#endif
