// SPDX-License-Identifier: Apache-2.0
// What a learner is built from: "mneme.options/1", "mneme.run/1", "mneme.random/1", and what it
// reports: "mneme.report/1".
#include <cmath>
#include <cstddef>
#include <cstring>

#include <mneme/error.hpp>

#include "host/handle.hpp"
#include "host/ones.hpp"
#include "host/probe.hpp"
#include "host/session.hpp"
#include "host/tables.hpp"

namespace mneme::host {
namespace {

at::IntArrayRef ref(const int64_t* shape, int32_t dims) {
    return {shape, static_cast<std::size_t>(dims)};
}

int32_t open(mneme_setup_context* c, const char* purpose, mneme_source** out, mneme_status* s) {
    return guarded(s, "random", [&] { *out = c->session->draws().open(purpose); });
}
int32_t uniform(mneme_source* r, const int64_t* shape, int32_t dims, mneme_tensor** out,
                mneme_status* s) {
    show("random.uniform");
    return guarded(s, "uniform", [&] { *out = hand_out(r->draws->uniform(*r, ref(shape, dims))); });
}
int32_t integers(mneme_source* r, int64_t high, const int64_t* shape, int32_t dims,
                 mneme_tensor** out, mneme_status* s) {
    show("random.integers");
    return guarded(s, "integers",
                   [&] { *out = hand_out(r->draws->randint(*r, high, ref(shape, dims))); });
}
int32_t normal(mneme_source* r, const int64_t* shape, int32_t dims, mneme_tensor** out,
               mneme_status* s) {
    show("random.normal");
    return guarded(s, "normal", [&] { *out = hand_out(r->draws->normal(*r, ref(shape, dims))); });
}
int32_t permutation(mneme_source* r, int64_t n, mneme_tensor** out, mneme_status* s) {
    show("random.permutation");
    return guarded(s, "permutation", [&] { *out = hand_out(r->draws->permutation(*r, n)); });
}

// ---- options
Declared declared(const mneme_option& o) {
    static const char* const kinds[] = {"number", "real", "count", "choice", "flag", "text"};
    if (o.kind < 0 || o.kind > MNEME_OPTION_TEXT)
        throw Error("option: kind " + std::to_string(o.kind) + " is not known to this host; 0 to 5",
                    MNEME_ARGUMENT);
    if (o.kind == MNEME_OPTION_TEXT &&
        (o.size < offsetof(mneme_option, default_text) + sizeof o.default_text || !o.default_text))
        throw Error(
            std::string("option ") + o.name + ": a text without a default; give default_text",
            MNEME_ARGUMENT);
    Declared d{o.name, kinds[o.kind],       o.help ? o.help : "", nullptr, {}, {},
               {},     o.min_excluded != 0, o.max_excluded != 0,  {}};
    if (std::isfinite(o.min)) d.min = o.min;
    if (std::isfinite(o.max)) d.max = o.max;
    for (int32_t k = 0; k < o.n_choices; ++k) d.choices.push_back(o.choices[k]);
    switch (o.kind) {
        case MNEME_OPTION_CHOICE:
            d.standard = d.choices.at(static_cast<std::size_t>(o.default_int));
            break;
        case MNEME_OPTION_FLAG: d.standard = o.default_int != 0; break;
        case MNEME_OPTION_COUNT: d.standard = o.default_int; break;
        case MNEME_OPTION_TEXT: d.standard = o.default_text; break;
        default: d.standard = o.default_real;
    }
    return d;
}

int32_t declare(mneme_setup_context* c, const mneme_option* o, mneme_value* out, mneme_status* s) {
    return guarded(s, o->name, [&] {
        const auto& d = c->options->declare(declared(*o), o->train != 0);
        const auto& value = d.values.front();
        if (d.kind == "number") {
            std::vector<float> values;
            for (const auto& v : d.values) values.push_back(static_cast<float>(v.get<double>()));
            out->kind = MNEME_TENSOR;
            out->v.tensor = hand_out(
                at::from_blob(values.data(), {static_cast<int64_t>(values.size()), 1}, at::kFloat)
                    .clone()
                    .to(c->session->device()));
        } else if (d.kind == "text") {
            const auto& text = value.get_ref<const std::string&>();
            out->kind = MNEME_STRING, out->count = static_cast<int32_t>(text.size());
            out->v.string = text.c_str();
        } else if (d.kind == "real") {
            out->kind = MNEME_REAL, out->v.r = value.get<double>();
        } else if (d.kind == "choice") {
            out->kind = MNEME_INT,
            out->v.i = std::find(d.choices.begin(), d.choices.end(), value.get<std::string>()) -
                       d.choices.begin();
        } else {
            out->kind = MNEME_INT,
            out->v.i = d.kind == "flag" ? value.get<bool>() : value.get<int64_t>();
        }
    });
}

// ---- facts of the run
int32_t facts(mneme_setup_context* c, mneme_run* out, mneme_status* s) {
    return guarded(s, "facts", [&] {
        const auto& session = *c->session;
        const auto& head = session.model().head();
        const auto& shape = session.model().network().input_shape();
        mneme_run run{};
        run.size = std::min<uint32_t>(out->size, sizeof run);
        run.scenario = head.scenario == "task"    ? MNEME_SCENARIO_TASK
                       : head.scenario == "class" ? MNEME_SCENARIO_CLASS
                                                  : MNEME_SCENARIO_DOMAIN;
        run.tasks = session.boundaries_hidden() ? 0 : static_cast<int64_t>(head.classes.size());
        run.input_dims = static_cast<int32_t>(shape.size());
        std::copy(shape.begin(), shape.end(), run.input_shape);
        for (const auto& layer : session.model().network().layers())
            if (layer.kind == bench::LayerKind::weight) run.features = layer.fan_in;
        std::memcpy(out, &run, run.size);
    });
}

// ---- reports
int32_t report_loss(const mneme_net* net, mneme_tensor* losses, const mneme_batch* batch,
                    mneme_status* s) {
    show("report.loss", losses);
    return guarded(s, "report_loss",
                   [&] { net->session->model().note_train_loss(value_of(losses), *batch); });
}

int32_t declare_diagnostic(mneme_setup_context* c, const char* name, const char* unit,
                           const char* help, int64_t length, mneme_diagnostic** out,
                           mneme_status* s) {
    return guarded(s, "diagnostic", [&] {
        *out = c->session->diagnostics().declare(name ? name : "", unit ? unit : "",
                                                 help ? help : "", length);
    });
}

int32_t report_values(mneme_diagnostic* d, mneme_tensor* handle, mneme_status* s) {
    show("report.values", handle);
    return guarded(s, "diagnostic", [&] {
        const auto& session = Session::current();
        if (session.recording())
            throw Error("diagnostic " + d->name +
                            ": values cannot be reported while a step is recorded; keep them in a "
                            "tensor and report it in end_phase or end_task",
                        MNEME_STATE);
        const auto values = value_of(handle);
        if (!values.defined() || values.dim() != 2 || values.size(0) != session.replicas() ||
            values.size(1) != d->length)
            throw Error(c10::str("diagnostic ", d->name, ": values are ",
                                 values.defined() ? c10::str(values.sizes()) : "missing",
                                 "; give [", session.replicas(), ", ", d->length, "]"),
                        MNEME_ARGUMENT);
        const auto copy = values.to(at::kCPU, at::kDouble).contiguous();
        d->owner->report(*d, {copy.data_ptr<double>(), copy.data_ptr<double>() + copy.numel()});
    });
}

} // namespace

const mneme_random_api random_table = {
    sizeof(mneme_random_api), 0, open, uniform, integers, normal, permutation};

const mneme_options_api options_table = {sizeof(mneme_options_api), 0, declare};

const mneme_run_api run_table = {sizeof(mneme_run_api), 0, facts};

const mneme_report_api report_table = {sizeof(mneme_report_api), 0, report_loss, declare_diagnostic,
                                       report_values};

} // namespace mneme::host
