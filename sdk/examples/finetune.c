/* SPDX-License-Identifier: Apache-2.0 */
/* Fine-tuning in plain C over mneme/abi.h, for those who write a method in another language: what
 * mneme.hpp does for C++ is done by hand here.
 *
 *   theta <- theta - lr v,   v <- momentum v + g
 *
 * Built without CMake:
 *   cc -std=c11 -O2 -fPIC -shared -I DIR/include
 * -Wl,--version-script=DIR/lib/cmake/Mneme/plugin.map -o finetune_c.so finetune.c */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <mneme/abi.h>

#define ID "finetune_c"
#define VERSION "1.0"
#define SUMMARY "plain sequential training, written in C"

typedef struct learner {
    const mneme_tensor_api* tensor;
    const mneme_net_api* net;
    const mneme_options_api* options;
    const mneme_optimizer_api* optimizer;
    const mneme_op* zero;
    const mneme_net* network;
    mneme_tensor *theta, *stats; /* [S, P], [S, Q]: the weights, which the harness trains, saves and
                                    tests by these two names */
    mneme_tensor *lr, *decay, *moment; /* [S, 1], [S, 1], [S, P] */
    double momentum;
} learner;

/* A function that fails says so in words and returns the code. */
static int32_t fail(mneme_status* status, int32_t code, const char* message) {
    strncpy(status->message, message, sizeof status->message - 1);
    status->message[sizeof status->message - 1] = 0;
    return status->code = code;
}

static void destroy(void* self) {
    learner* l = self;
    mneme_tensor* const own[] = {l->theta, l->stats, l->lr, l->decay, l->moment};
    for (size_t k = 0; k < sizeof own / sizeof *own; ++k)
        if (own[k]) l->tensor->release(own[k]);
    free(l);
}

/* Reading an option declares it. These two are keys of [train]; the values given are this method's
 * defaults. */
static int32_t declare(learner* l, const mneme_setup* setup, mneme_status* status) {
    mneme_value value = {0};
    int32_t code;
    mneme_option lr = {.size = sizeof lr,
                       .kind = MNEME_OPTION_NUMBER,
                       .name = "lr",
                       .help = "learning rate",
                       .default_real = 0.01,
                       .min = 0,
                       .max = INFINITY,
                       .min_excluded = 1,
                       .train = 1};
    mneme_option momentum = {.size = sizeof momentum,
                             .kind = MNEME_OPTION_REAL,
                             .name = "momentum",
                             .help = "momentum",
                             .default_real = 0.8,
                             .min = 0,
                             .max = 1,
                             .max_excluded = 1,
                             .train = 1};
    if ((code = l->options->declare(setup->context, &lr, &value, status))) return code;
    l->lr = value.v.tensor; /* a NUMBER is a tensor: it may differ by replica */
    if ((code = l->options->declare(setup->context, &momentum, &value, status))) return code;
    l->momentum = value.v.r; /* a REAL is the same for all */
    return MNEME_OK;
}

/* What lives from step to step is made here: a step may be recorded once and replayed. */
static int32_t allocate(learner* l, mneme_status* status) {
    int64_t sizes[2] = {0, 1};
    int32_t code;
    if ((code = l->net->initial(l->network, &l->theta, &l->stats, status))) return code;
    l->tensor->shape(l->theta, sizes, 1);
    if ((code = l->tensor->create(sizes, 2, MNEME_FLOAT32, NULL, &l->decay, status)))
        return code; /* no weight decay */
    sizes[1] = l->net->columns(l->network);
    return l->tensor->create(sizes, 2, MNEME_FLOAT32, NULL, &l->moment, status);
}

static int32_t create(const mneme_host* host, const mneme_setup* setup, void** self,
                      mneme_status* status) {
    learner* l = calloc(1, sizeof *l);
    int32_t code;
    if (!l) return fail(status, MNEME_MEMORY, "out of memory");
    l->tensor = host->find_interface(
        "mneme.tensor/1"); /* none is NULL: the host has checked the list at the end of this file */
    l->net = host->find_interface("mneme.net/1");
    l->options = host->find_interface("mneme.options/1");
    l->optimizer = host->find_interface("mneme.optimizer/1");
    l->network = setup->net;
    l->zero = l->tensor->find("aten::zero_", status);
    code = l->zero ? declare(l, setup, status) : status->code;
    if (!code) code = allocate(l, status);
    if (code) destroy(l);
    else *self = l;
    return code;
}

/* A new task starts with a moment of zero. The result of an operator in place is its first argument
 * once more: nothing is asked for. */
static int32_t begin_task(void* self, const mneme_task* task, mneme_status* status) {
    learner* l = self;
    mneme_value moment = {.kind = MNEME_TENSOR, .v.tensor = l->moment};
    (void)task;
    return l->tensor->call(l->zero, &moment, 1, NULL, 0, status);
}

/* One phase, as [train] says: the host has set every member of `out` to zero but its size. */
static int32_t phases(void* self, const mneme_task* task, mneme_phase* out, int32_t capacity,
                      int32_t* count, mneme_status* status) {
    (void)self, (void)task;
    if (capacity < 1) return fail(status, MNEME_ARGUMENT, ID ": expected a capacity of 1 or more");
    strcpy(out[0].name, "train");
    *count = 1;
    return MNEME_OK;
}

static int32_t on_phase(void* self, const mneme_phase* phase, mneme_status* status) {
    (void)self, (void)phase, (void)status;
    return MNEME_OK;
}

static int32_t observe(void* self, const mneme_batch* batch, const mneme_batch* companion,
                       mneme_status* status) {
    learner* l = self;
    mneme_tensor* gradient = NULL;
    mneme_update update = {.size = sizeof update,
                           .rule = MNEME_SGD,
                           .momentum = l->momentum,
                           .lr = l->lr,
                           .weight_decay = l->decay};
    int32_t code =
        l->net->gradient(l->network, l->theta, l->stats, batch, MNEME_TRAIN, &gradient, status);
    (void)companion;
    if (code) return code;
    if (l->momentum > 0) update.first = l->moment;
    code = l->optimizer->step(&update, l->theta, gradient, status);
    l->tensor->release(gradient); /* what the host hands out is ours to release */
    return code;
}

static int32_t end_task(void* self, const mneme_task* task, mneme_status* status) {
    (void)self, (void)task, (void)status;
    return MNEME_OK;
}

static int32_t predict(void* self, mneme_tensor* x, int64_t task, mneme_tensor** logits,
                       mneme_status* status) {
    learner* l = self;
    (void)task;
    return l->net->logits(l->network, l->theta, l->stats, x, MNEME_EVAL, logits, status);
}

/* Everything that is kept between two steps. The moment is working space (~): the next task drops
 * it. */
static int32_t state(void* self, const mneme_state* visit, mneme_status* status) {
    learner* l = self;
    int32_t code = visit->tensor(visit->self, "weights.theta", &l->theta, status);
    if (!code) code = visit->tensor(visit->self, "weights.stats", &l->stats, status);
    if (!code) code = visit->tensor(visit->self, "~moment", &l->moment, status);
    return code;
}

static int32_t weights(void* self, mneme_tensor** theta, mneme_tensor** stats,
                       mneme_status* status) {
    learner* l = self;
    (void)status;
    l->tensor->retain(*theta = l->theta); /* handed out: the host releases them */
    if ((*stats = l->stats)) l->tensor->retain(l->stats);
    return MNEME_OK;
}

static const mneme_method method = {.size = sizeof(mneme_method),
                                    .flags = MNEME_BATCHED | MNEME_CAPTURES,
                                    .id = ID,
                                    .version = VERSION,
                                    .summary = SUMMARY,
                                    .paper = "",
                                    .create = create,
                                    .destroy = destroy,
                                    .begin_task = begin_task,
                                    .phases = phases,
                                    .begin_phase = on_phase,
                                    .observe = observe,
                                    .end_phase = on_phase,
                                    .end_task = end_task,
                                    .predict = predict,
                                    .state = state,
                                    .weights = weights};
static const mneme_method* const methods[] = {&method, NULL};
static const char* const interfaces[] = {"mneme.tensor/1", "mneme.net/1", "mneme.options/1",
                                         "mneme.optimizer/1", NULL};
static const char operators[] = "aten::zero_"; /* several: "aten::zero_\0aten::mul.Tensor" */
static const mneme_plugin plugin = {.size = sizeof(mneme_plugin),
                                    .abi_major = MNEME_ABI_MAJOR,
                                    .sdk_minor = MNEME_SDK_MINOR,
                                    .target_minor = 0,
                                    .interfaces = interfaces,
                                    .operators = operators,
                                    .operators_bytes = sizeof operators,
                                    .methods = methods};

__attribute__((visibility("default"))) const mneme_plugin* mneme_plugin_v1(void) { return &plugin; }

/* The note, which is read before anything is loaded. It must say what the table says. */
#if defined(__x86_64__)
#define ARCH "x86_64"
#elif defined(__aarch64__)
#define ARCH "aarch64"
#endif
#define NOTE                                                                              \
    "sdk=1.0\ntarget=1.0\ntier=pure\narch=" ARCH "\ncompiler=" __VERSION__ "\nmethod=" ID \
    "\nversion=" VERSION "\nsummary=" SUMMARY "\npaper=\nflags=\n"
static const struct {
    uint32_t owner_bytes, text_bytes, type;
    char owner[8];
    _Alignas(4) char text[sizeof NOTE];
} note __attribute__((used, section(".note.mneme"), aligned(4))) = {
    sizeof MNEME_NOTE_OWNER, sizeof NOTE, MNEME_NOTE_TYPE, MNEME_NOTE_OWNER, NOTE};
