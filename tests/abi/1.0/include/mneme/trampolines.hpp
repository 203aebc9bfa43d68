// SPDX-License-Identifier: Apache-2.0
// From a Learner to the functions of a method's table: exceptions stay inside.
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include <mneme/learner.hpp>

namespace mneme::border {

template <class F> int32_t guard(mneme_status* status, F&& body) noexcept {
    auto say = [&](int32_t code, const char* text) {
        std::snprintf(status->message, sizeof status->message, "%s", text);
        return status->code = code;
    };
    try {
        body();
        return MNEME_OK;
    } catch (const Error& e) {
        return say(e.code() ? e.code() : MNEME_FAILED, e.what());
    } catch (const std::bad_alloc&) {
        return say(MNEME_MEMORY, "out of memory");
    } catch (const std::exception& e) {
        return say(MNEME_FAILED, e.what());
    } catch (...) {
        return say(MNEME_FAILED, "an exception that does not derive from std::exception");
    }
}

inline mneme_phase lend(const Phase& p) {
    mneme_phase out{sizeof(mneme_phase),
                    static_cast<int32_t>(p.data),
                    {},
                    p.epochs,
                    p.batch_size,
                    p.samples,
                    p.steps,
                    p.companion,
                    0};
    std::snprintf(out.name, sizeof out.name, "%s", p.name.c_str());
    return out;
}
inline Phase borrow(const mneme_phase& p) {
    return {p.name, p.epochs, p.batch_size, p.samples, p.steps, p.companion != 0, Data(p.data)};
}

// What `self` is: the learner and the network it was lent.
template <class L> struct Instance {
    Net net;
    Setup setup;
    L learner;
    explicit Instance(const mneme_setup& raw) : net(raw.net), setup(raw, net), learner(setup) {}
};

template <class L> struct Method {
    static L& of(void* self) { return static_cast<Instance<L>*>(self)->learner; }

    static int32_t create(const mneme_host* host, const mneme_setup* setup, void** self,
                          mneme_status* s) {
        return guard(s, [&] { bind(host), *self = new Instance<L>(*setup); });
    }
    static void destroy(void* self) { delete static_cast<Instance<L>*>(self); }
    static int32_t begin_task(void* self, const mneme_task* t, mneme_status* s) {
        return guard(s, [&] { of(self).begin_task(Task(*t)); });
    }
    static int32_t phases(void* self, const mneme_task* t, mneme_phase* out, int32_t capacity,
                          int32_t* count, mneme_status* s) {
        return guard(s, [&] {
            const auto list = std::as_const(of(self)).phases(Task(*t));
            *count = static_cast<int32_t>(list.size());
            const std::size_t apart =
                out->size; // the host's elements are as long as its header has them
            for (std::size_t k = 0; k < list.size() && k < static_cast<std::size_t>(capacity);
                 ++k) {
                auto phase = lend(list[k]);
                phase.size = static_cast<uint32_t>(std::min(sizeof phase, apart));
                std::memcpy(reinterpret_cast<char*>(out) + k * apart, &phase, phase.size);
            }
        });
    }
    static int32_t begin_phase(void* self, const mneme_phase* p, mneme_status* s) {
        return guard(s, [&] { of(self).begin_phase(borrow(*p)); });
    }
    static int32_t observe(void* self, const mneme_batch* batch, const mneme_batch* companion,
                           mneme_status* s) {
        return guard(s, [&] {
            if (companion) of(self).observe_with(borrow(*batch), borrow(*companion));
            else of(self).observe(borrow(*batch));
        });
    }
    static int32_t begin_epoch(void* self, const mneme_phase* p, int64_t epoch, mneme_status* s) {
        return guard(s, [&] { of(self).begin_epoch(borrow(*p), epoch); });
    }
    static int32_t end_epoch(void* self, const mneme_phase* p, int64_t epoch, mneme_status* s) {
        return guard(s, [&] { of(self).end_epoch(borrow(*p), epoch); });
    }
    static int32_t end_phase(void* self, const mneme_phase* p, mneme_status* s) {
        return guard(s, [&] { of(self).end_phase(borrow(*p)); });
    }
    static int32_t end_task(void* self, const mneme_task* t, mneme_status* s) {
        return guard(s, [&] { of(self).end_task(Task(*t)); });
    }
    static int32_t predict(void* self, mneme_tensor* x, int64_t task, mneme_tensor** logits,
                           mneme_status* s) {
        return guard(s, [&] {
            *logits = std::as_const(of(self))
                          .predict(Tensor::borrow(x), task < 0 ? TaskId() : TaskId(task))
                          .release();
        });
    }
    static int32_t state(void* self, const mneme_state* state, mneme_status* s) {
        return guard(s, [&] {
            State visitor(state);
            of(self).state(visitor);
        });
    }
    static int32_t weights(void* self, mneme_tensor** theta, mneme_tensor** stats,
                           mneme_status* s) {
        return guard(s, [&] {
            Weights w = of(self).current();
            *theta = w.theta.release();
            *stats = w.stats.release();
        });
    }
};

} // namespace mneme::border
