// SPDX-License-Identifier: Apache-2.0
#include "host/learner.hpp"

#include <base/error.hpp>
#include <mneme/error.hpp>

#include "host/handle.hpp"
#include "host/probe.hpp"
#include "host/tables.hpp"

namespace mneme::host {
namespace {

// A visit that notes the plugin's values.
struct Noting {
    Snapshot out;
    static int32_t tensor(void* self, const char* name, mneme_tensor** value, mneme_status* s) {
        return guarded(s, name, [&] {
            const auto t = value_of(*value);
            static_cast<Noting*>(self)->out.values.emplace_back(name, t.defined() ? t.detach() : t);
        });
    }
    static int32_t integer(void* self, const char* name, int64_t* value, mneme_status* s) {
        return guarded(s, name,
                       [&] { static_cast<Noting*>(self)->out.values.emplace_back(name, *value); });
    }
    static int32_t real(void* self, const char* name, double* value, mneme_status* s) {
        return guarded(s, name,
                       [&] { static_cast<Noting*>(self)->out.values.emplace_back(name, *value); });
    }
};

// A visit that puts them back, in the same order.
struct Loading {
    const Snapshot& from;
    at::Device device;
    bool in_place = false;
    std::size_t next = 0;

    template <class T> const T& take(const char* name) {
        if (next == from.values.size() || from.values[next].first != name ||
            !std::holds_alternative<T>(from.values[next].second))
            throw Error(std::string("state: ") + name +
                            " is not what the checkpoint has next; state() must visit the same "
                            "names in the same order",
                        MNEME_STATE);
        return std::get<T>(from.values[next++].second);
    }
    static int32_t tensor(void* self, const char* name, mneme_tensor** value, mneme_status* s) {
        return guarded(s, name, [&] {
            auto& me = *static_cast<Loading*>(self);
            const auto& t = me.take<at::Tensor>(name);
            if (me.in_place && *value) {
                (*value)->value.copy_(t);
                return;
            }
            release(*value);
            *value = hand_out(t.defined() ? t.to(me.device).clone() : t);
        });
    }
    static int32_t integer(void* self, const char* name, int64_t* value, mneme_status* s) {
        return guarded(s, name, [&] { *value = static_cast<Loading*>(self)->take<int64_t>(name); });
    }
    static int32_t real(void* self, const char* name, double* value, mneme_status* s) {
        return guarded(s, name, [&] { *value = static_cast<Loading*>(self)->take<double>(name); });
    }
};

} // namespace

TaskView::TaskView(int64_t index, int64_t count, const mneme_examples& e)
    : raw{sizeof(mneme_task),
          0,
          index,
          count,
          e.classes.data(),
          static_cast<int64_t>(e.classes.size()),
          &e} {}

template <class F> void Learner::enter(const char* what, F&& body) {
    Session::Scope scope(session_);
    at::GradMode::set_enabled(false);
    mneme_status status;
    status.size = sizeof status;
    status.code = 0;
    status.message[0] = 0;
    const int32_t code = body(&status);
    if (Probe::looking) Probe::looking->returned(what, at::GradMode::is_enabled());
    at::GradMode::set_enabled(false);
    if (code == MNEME_OK) return;
    status.message[sizeof status.message - 1] = 0;
    // A value of the suite that the method cannot use; whatever else a plugin returns is a status
    // of its own, never an exit code of ours.
    if (code == MNEME_OPTION) throw base::ExitError(base::ExitCode::bad_input, status.message);
    throw Error(std::string(method_.id) + ", " + what + ": " + status.message, code);
}

Learner::Learner(const mneme_method& method, Session& session, OptionBook& options)
    : method_(method), session_(session) {
    session_.draws().seek({0, phase_create, 0});
    mneme_setup_context context{&session, &options};
    const uint32_t flags = session.boundaries_hidden() ? MNEME_HIDDEN_BOUNDARIES : 0;
    const mneme_setup setup{sizeof(mneme_setup), flags, session.replicas(), session.net(),
                            &context};
    session.diagnostics().set_constructing(true);
    enter("create",
          [&](mneme_status* s) { return method_.create(&host_table, &setup, &self_, s); });
    session.diagnostics().set_constructing(false);
    if (!self_)
        throw Error(std::string(method_.id) + ", create: gave no learner; it must set *self",
                    MNEME_FAILED);
}

Learner::~Learner() {
    if (!self_) return;
    Session::Scope scope(session_);
    method_.destroy(self_);
}

void Learner::begin_task(const TaskView& task) {
    session_.draws().seek({task.raw.index, phase_begin_task, 0});
    enter("begin_task", [&](mneme_status* s) { return method_.begin_task(self_, &task.raw, s); });
}

std::vector<mneme_phase> Learner::phases(const TaskView& task) {
    std::vector<mneme_phase> list(16);
    for (auto& phase : list) phase.size = sizeof phase;
    int32_t count = 0;
    enter("phases", [&](mneme_status* s) {
        return method_.phases(self_, &task.raw, list.data(), static_cast<int32_t>(list.size()),
                              &count, s);
    });
    if (count < 0 || count > static_cast<int32_t>(list.size()))
        throw Error(std::string(method_.id) + ", phases: " + std::to_string(count) +
                        " phases; a task has 0 to 16",
                    MNEME_ARGUMENT);
    list.resize(static_cast<std::size_t>(count));
    return list;
}

void Learner::begin_phase(const mneme_phase& p) {
    enter("begin_phase", [&](mneme_status* s) { return method_.begin_phase(self_, &p, s); });
}
void Learner::begin_epoch(const mneme_phase& p, int64_t epoch) {
    if (!method_.begin_epoch) return;
    enter("begin_epoch", [&](mneme_status* s) { return method_.begin_epoch(self_, &p, epoch, s); });
}
void Learner::end_epoch(const mneme_phase& p, int64_t epoch) {
    if (!method_.end_epoch) return;
    enter("end_epoch", [&](mneme_status* s) { return method_.end_epoch(self_, &p, epoch, s); });
}
void Learner::observe(const mneme_batch& batch, const mneme_batch* companion) {
    enter("observe", [&](mneme_status* s) { return method_.observe(self_, &batch, companion, s); });
}
void Learner::end_phase(const mneme_phase& p) {
    enter("end_phase", [&](mneme_status* s) { return method_.end_phase(self_, &p, s); });
}
void Learner::end_task(const TaskView& task) {
    session_.draws().seek({task.raw.index, phase_end_task, step_end});
    enter("end_task", [&](mneme_status* s) { return method_.end_task(self_, &task.raw, s); });
}

at::Tensor Learner::predict(const at::Tensor& x, int64_t task) {
    mneme_tensor* input =
        hand_out(x.dim() == 2 ? x.unsqueeze(0).expand({session_.replicas(), -1, -1}) : x);
    mneme_tensor* output = nullptr;
    try {
        enter("predict",
              [&](mneme_status* s) { return method_.predict(self_, input, task, &output, s); });
    } catch (...) {
        release(input);
        throw;
    }
    release(input);
    const auto logits = value_of(output);
    release(output);
    const int64_t rows = x.dim() == 2 ? x.size(0) : x.size(1);
    const std::vector<int64_t> wanted{session_.replicas(), rows, session_.model().head().width};
    if (!logits.defined() || logits.sizes() != at::IntArrayRef(wanted) ||
        !logits.is_floating_point())
        throw Error(std::string(method_.id) + ", predict: gave " +
                        (logits.defined() ? c10::str(logits.sizes()) : std::string("nothing")) +
                        "; logits must be floats of " + c10::str(at::IntArrayRef(wanted)),
                    MNEME_ARGUMENT);
    return logits;
}

bench::Weights Learner::weights() {
    mneme_tensor *theta = nullptr, *stats = nullptr;
    enter("weights", [&](mneme_status* s) { return method_.weights(self_, &theta, &stats, s); });
    bench::Weights w{value_of(theta), value_of(stats)};
    release(theta);
    release(stats);
    return w;
}

Snapshot Learner::state() {
    Noting visit;
    const mneme_state state{sizeof(mneme_state), 0,           &visit, Noting::tensor,
                            Noting::integer,     Noting::real};
    enter("state", [&](mneme_status* s) { return method_.state(self_, &state, s); });
    return std::move(visit.out);
}

void Learner::load(const Snapshot& from) { load(from, false); }
void Learner::put_back(const Snapshot& from) { load(from, true); }

void Learner::load(const Snapshot& from, bool in_place) {
    Loading visit{from, session_.device(), in_place};
    const mneme_state state{sizeof(mneme_state), 1, &visit, Loading::tensor, Loading::integer,
                            Loading::real};
    enter("state", [&](mneme_status* s) { return method_.state(self_, &state, s); });
    if (visit.next != from.values.size())
        throw Error(
            std::string(method_.id) + ", state: the checkpoint has more than state() visits",
            MNEME_STATE);
}

} // namespace mneme::host
