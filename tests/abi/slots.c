/* SPDX-License-Identifier: Apache-2.0 */
/* Where the last member of every struct of the border lies, release by release. A line is never
 * changed, only added: a member that moved, or one put before it, is found here by the compiler.
 * Read as C11 and, through slots.cpp, as C++20. */
#include <assert.h>
#include <stddef.h>

#include <mneme/abi.h>

#define PIN(type, member, offset, end)                                             \
    static_assert(offsetof(type, member) == (offset), #type "." #member " moved"); \
    static_assert(sizeof(type) >= (end), #type " shrank")

/* 1.0 */
static_assert(sizeof(mneme_value) == 16, "mneme_value is 16 bytes for ever");
static_assert(sizeof(mneme_status) == 1024, "mneme_status is 1024 bytes for ever");
PIN(mneme_status, message, 8, 1024);
PIN(mneme_value, v, 8, 16);
PIN(mneme_tensor_api, create, 72, 80);
PIN(mneme_layer, fan_in, 80, 88);
PIN(mneme_batch, plain, 56, 64);
PIN(mneme_net_api, per_sample, 112, 120);
PIN(mneme_data_api, gather, 24, 32);
PIN(mneme_random_api, permutation, 40, 48);
PIN(mneme_option, default_text, 80, 88);
PIN(mneme_options_api, declare, 8, 16);
PIN(mneme_update, along, 128, 136);
PIN(mneme_optimizer_api, step, 8, 16);
PIN(mneme_autograd_api, gradients, 24, 32);
PIN(mneme_device_api, stream, 32, 40);
PIN(mneme_select_api, largest, 8, 16);
PIN(mneme_rows_api, put, 8, 16);
PIN(mneme_products_api, of_rows, 8, 16);
PIN(mneme_libtorch_api, wrap, 24, 32);
PIN(mneme_run, features, 56, 64);
PIN(mneme_run_api, facts, 8, 16);
PIN(mneme_gradients_api, of_rows, 24, 32);
PIN(mneme_layers_api, head, 16, 24);
PIN(mneme_report_api, values, 24, 32);
PIN(mneme_augmentation, crop_padding, 8, 16);
PIN(mneme_augment_api, apply, 8, 16);
PIN(mneme_host, log, 16, 24);
PIN(mneme_setup, context, 24, 32);
PIN(mneme_task, train, 40, 48);
PIN(mneme_phase, reserved, 100, 104);
PIN(mneme_state, real, 32, 40);
PIN(mneme_method, end_epoch, 136, 144);
PIN(mneme_plugin, methods, 40, 48);

/* Numbers that cross the border; the last of each list fixes those before it, which count up from
 * it. */
static_assert(MNEME_ABI_MAJOR == 1, "a new major is a new entry symbol and a new header");
static_assert(MNEME_MEMORY == 6 && MNEME_OPTIONAL_TENSORS == 11 && MNEME_INT32 == 6,
              "codes, kinds of values, dtypes");
static_assert(MNEME_BATCH_STATS == 2 && MNEME_SHIFT == 3 && MNEME_OF_MAX_PROBABILITY == 5 &&
                  MNEME_ABS == 1,
              "the network's words");
static_assert(MNEME_DRAW_PER_CLASS == 1 && MNEME_OPTION_TEXT == 5 && MNEME_ADAMW == 2 &&
                  MNEME_NO_DATA == 2,
              "data, options, rules");
static_assert(MNEME_NEEDS_TASK_ID == 1 && MNEME_NEEDS_TASK_BOUNDARIES == 2 && MNEME_ORACLE == 4 &&
                  MNEME_CAPTURES == 8 && MNEME_BATCHED == 16 && MNEME_STORES_EXAMPLES == 32 &&
                  MNEME_SCORES == 64,
              "flags of a method");

typedef int mneme_slots_are_checked; /* C wants a declaration that is no assertion */
