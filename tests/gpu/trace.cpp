// SPDX-License-Identifier: Apache-2.0
// What the device does in a run, and where the host waits for it: a library that CUDA's driver
// loads into any program.
//
//     CUDA_INJECTION64_PATH=.../libmneme_gpu_trace.so MNEME_GPU_TRACE=trace-%p.json mneme run ...
//         then: trace_read trace-*.json
//
// %p is the number of the process: each worker is one, and writes its report when it ends by
// itself. One ended by a signal leaves none. The trace must never break the program: what CUPTI
// refuses is noted in the report ("errors"), no exception leaves a function that CUPTI or the
// driver calls, and CUPTI is only called without our lock.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>

#include <cupti.h>
#include <unistd.h>

#include "trace_report.hpp"

namespace {

using namespace mneme::trace;

constexpr std::size_t buffer_bytes = std::size_t{8} << 20;
constexpr std::size_t most_errors = 50;

struct Known { // a function that the trace looks at
    std::optional<Role> role;
    std::uint32_t name = 0;
};

struct State {
    std::string path;
    pid_t process = 0;
    std::atomic<bool> seen_work = false;

    std::mutex lock; // of all that follows
    bool finished = false;
    std::vector<Known> runtime = std::vector<Known>(CUPTI_RUNTIME_TRACE_CBID_SIZE);
    std::vector<Known> driver = std::vector<Known>(CUPTI_DRIVER_TRACE_CBID_SIZE);
    Found found;
};

State* state = nullptr; // never freed: CUPTI may still call when the program's objects are gone

void note(const std::string& text) {
    const std::lock_guard guard(state->lock);
    if (state->found.errors.size() < most_errors) state->found.errors.push_back(text);
}

bool done(CUptiResult result, const std::string& what) {
    if (result == CUPTI_SUCCESS) return true;
    const char* text = nullptr;
    if (cuptiGetResultString(result, &text) != CUPTI_SUCCESS || !text) text = "unknown";
    note(what + ": " + text);
    return false;
}

template <class Record> Work work_of(const Record& record) {
    Work work;
    work.start = record.start;
    work.end = record.end;
    work.call = record.correlationId;
    work.graph = record.graphId;
    return work;
}

void keep(State& s, const Work& work) {
    if (work.start == 0 || work.end < work.start) ++s.found.untimed;
    else s.found.works.push_back(work);
}

void keep_call(State& s, const CUpti_ActivityAPI& record, const std::vector<Known>& known,
               bool runtime) {
    if (record.cbid >= known.size() || !known[record.cbid].role || record.start == 0 ||
        record.end < record.start)
        return;
    s.found.calls.push_back({record.start, record.end, record.correlationId, record.threadId,
                             known[record.cbid].name, *known[record.cbid].role, runtime, false});
}

void keep_record(State& s, const CUpti_Activity* record) {
    switch (record->kind) {
        case CUPTI_ACTIVITY_KIND_KERNEL:
        case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL: {
            const auto& kernel = *reinterpret_cast<const CUpti_ActivityKernel10*>(record);
            Work work = work_of(kernel);
            work.name = s.found.names.number(kernel.name ? kernel.name : "without a name");
            return keep(s, work);
        }
        case CUPTI_ACTIVITY_KIND_MEMCPY: {
            const auto& copy = *reinterpret_cast<const CUpti_ActivityMemcpy6*>(record);
            Work work = work_of(copy);
            work.kind =
                copy.flags & CUPTI_ACTIVITY_FLAG_MEMCPY_ASYNC ? Kind::copy_async : Kind::copy;
            work.way = copy.copyKind;
            work.from = copy.srcKind;
            work.to = copy.dstKind;
            return keep(s, work);
        }
        case CUPTI_ACTIVITY_KIND_MEMSET: {
            Work work = work_of(*reinterpret_cast<const CUpti_ActivityMemset4*>(record));
            work.kind = Kind::fill;
            return keep(s, work);
        }
        case CUPTI_ACTIVITY_KIND_RUNTIME:
            return keep_call(s, *reinterpret_cast<const CUpti_ActivityAPI*>(record), s.runtime,
                             true);
        case CUPTI_ACTIVITY_KIND_DRIVER:
            return keep_call(s, *reinterpret_cast<const CUpti_ActivityAPI*>(record), s.driver,
                             false);
        case CUPTI_ACTIVITY_KIND_SYNCHRONIZATION: {
            const auto& wait = *reinterpret_cast<const CUpti_ActivitySynchronization2*>(record);
            // One stream that waits for another keeps no host waiting.
            if (wait.type == CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_STREAM_WAIT_EVENT ||
                wait.start == 0 || wait.end < wait.start)
                return;
            const char* what =
                wait.type == CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_EVENT_SYNCHRONIZE    ? "an event"
                : wait.type == CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_STREAM_SYNCHRONIZE ? "a stream"
                : wait.type == CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_CONTEXT_SYNCHRONIZE
                    ? "the context"
                    : "something";
            const std::uint32_t name =
                s.found.names.number(std::string("another function waits for ") + what);
            s.found.waits.push_back(
                {wait.start, wait.end, wait.correlationId, 0, name, Role::wait, false, false});
            return;
        }
        default: return;
    }
}

void finish();

// A worker ends by quick_exit, other programs by exit.
void finish_at_end() {
    std::atexit(finish);
    std::at_quick_exit(finish);
}

void CUPTIAPI give_buffer(std::uint8_t** buffer, std::size_t* size, std::size_t* most_records) {
    // Handlers run last registered first: this one is later than those of the driver's own start,
    // so CUPTI is still whole when it runs.
    if (!state->seen_work.exchange(true)) finish_at_end();
    *buffer = static_cast<std::uint8_t*>(std::malloc(buffer_bytes));
    *size = *buffer ? buffer_bytes : 0;
    *most_records = 0; // as many as it holds
}

void CUPTIAPI take_buffer(CUcontext context, std::uint32_t stream, std::uint8_t* buffer,
                          std::size_t, std::size_t filled) {
    try {
        std::size_t dropped = 0;
        done(cuptiActivityGetNumDroppedRecords(context, stream, &dropped),
             "cuptiActivityGetNumDroppedRecords");
        CUptiResult result = CUPTI_ERROR_MAX_LIMIT_REACHED;
        {
            const std::lock_guard guard(state->lock);
            state->found.dropped += dropped;
            CUpti_Activity* record = nullptr;
            if (!state->finished && buffer && filled > 0)
                while ((result = cuptiActivityGetNextRecord(buffer, filled, &record)) ==
                       CUPTI_SUCCESS)
                    keep_record(*state, record);
            // A forced flush may end within a record.
            if (result == CUPTI_ERROR_INVALID_KIND) ++state->found.lost;
        }
        if (result != CUPTI_ERROR_MAX_LIMIT_REACHED && result != CUPTI_ERROR_INVALID_KIND)
            done(result, "cuptiActivityGetNextRecord");
    } catch (...) { // no memory: the lock is free again
        const std::lock_guard guard(state->lock);
        ++state->found.lost;
    }
    std::free(buffer);
}

void finish() {
    if (getpid() != state->process) return; // a fork without exec: the report is its parent's
    try {
        {
            const std::lock_guard guard(state->lock);
            if (state->finished) return;
        }
        done(cuptiActivityFlushAll(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED), "cuptiActivityFlushAll");
        const std::lock_guard guard(state->lock);
        if (state->finished) return;
        state->finished = true;
        if (!write_report(state->found, state->path))
            std::fprintf(stderr, "mneme_gpu_trace: cannot write %s\n", state->path.c_str());
    } catch (const std::exception& e) {
        std::fprintf(stderr, "mneme_gpu_trace: no report: %s\n", e.what());
    } catch (...) {
        std::fprintf(stderr, "mneme_gpu_trace: no report\n");
    }
}

// Only the functions that the trace looks at, else each of a million calls of others is a record
// too.
void look_at(CUpti_CallbackDomain domain, CUpti_ActivityKind all, std::vector<Known>& known,
             const std::function<CUptiResult(CUpti_CallbackId)>& enable) {
    std::size_t enabled = 0, refused = 0;
    for (std::size_t id = 0; id < known.size(); ++id) {
        const char* name = nullptr;
        if (cuptiGetCallbackName(domain, static_cast<std::uint32_t>(id), &name) != CUPTI_SUCCESS ||
            !name)
            continue;
        const auto role = role_of(name);
        if (!role) continue;
        const std::string text = name;
        {
            const std::lock_guard guard(state->lock);
            known[id] = {role, state->found.names.number(text.substr(0, text.find('_')))};
        }
        const CUptiResult result = enable(static_cast<CUpti_CallbackId>(id));
        if (result == CUPTI_SUCCESS) ++enabled;
        else if (++refused == 1)
            done(result, "the first function that cannot be looked at, " + text);
    }
    if (refused)
        note(std::to_string(refused) + " functions cannot be looked at one by one, " +
             std::to_string(enabled) + " can");
    if (enabled == 0) done(cuptiActivityEnable(all), "looking at all functions");
}

void begin() {
    std::uint32_t& version = state->found.cupti;
    if (done(cuptiGetVersion(&version), "cuptiGetVersion") && version != CUPTI_API_VERSION)
        note("built for another version of CUPTI: its records may differ");
    if (!done(cuptiActivityRegisterCallbacks(give_buffer, take_buffer),
              "cuptiActivityRegisterCallbacks"))
        return;
    // Kernels one by one, within graphs too: tracing graphs as wholes (GRAPH_TRACE) would hide
    // them.
    for (const auto& [kind, name] :
         {std::pair{CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, "CONCURRENT_KERNEL"},
          {CUPTI_ACTIVITY_KIND_MEMCPY, "MEMCPY"},
          {CUPTI_ACTIVITY_KIND_MEMSET, "MEMSET"},
          {CUPTI_ACTIVITY_KIND_SYNCHRONIZATION, "SYNCHRONIZATION"}})
        done(cuptiActivityEnable(kind), std::string("cuptiActivityEnable ") + name);
    look_at(CUPTI_CB_DOMAIN_RUNTIME_API, CUPTI_ACTIVITY_KIND_RUNTIME, state->runtime,
            [](CUpti_CallbackId id) { return cuptiActivityEnableRuntimeApi(id, 1); });
    look_at(CUPTI_CB_DOMAIN_DRIVER_API, CUPTI_ACTIVITY_KIND_DRIVER, state->driver,
            [](CUpti_CallbackId id) { return cuptiActivityEnableDriverApi(id, 1); });
}

} // namespace

// Called by the driver at its start. The answer is not ours to refuse: a program runs on without
// its trace.
extern "C" __attribute__((visibility("default"))) int InitializeInjection(void) {
    try {
        if (state) return 1;
        const char* path = std::getenv("MNEME_GPU_TRACE");
        if (!path || !*path) {
            std::fprintf(stderr,
                         "mneme_gpu_trace: MNEME_GPU_TRACE names no file: nothing is traced\n");
            return 1;
        }
        state = new State;
        state->path = path;
        state->process = getpid();
        if (const auto at = state->path.find("%p"); at != std::string::npos)
            state->path.replace(at, 2, std::to_string(state->process));
        begin();
        finish_at_end(); // after CUPTI's own handlers, hence before them when the program ends
    } catch (...) {
        std::fprintf(stderr, "mneme_gpu_trace: cannot begin: nothing is traced\n");
    }
    return 1;
}
