// SPDX-License-Identifier: Apache-2.0
// The small tables: network, data, random numbers, options, autograd, device. Each function turns
// handles into tensors and back.
#include <cmath>
#include <cstring>
#include <functional>
#include <iostream>

#include <torch/csrc/autograd/autograd.h>

#include "host/handle.hpp"
#include "host/ones.hpp"
#include "host/probe.hpp"
#include "host/session.hpp"
#include "host/tables.hpp"

namespace mneme::host {
namespace {

bench::Weights weights_of(mneme_tensor* theta, mneme_tensor* stats) {
    return {value_of(theta), value_of(stats), {}};
}

bench::Mode mode_of(int32_t mode) {
    if (mode < MNEME_TRAIN || mode > MNEME_BATCH_STATS)
        throw Error("mode " + std::to_string(mode) + " is not known; 0 to 2", MNEME_ARGUMENT);
    return static_cast<bench::Mode>(mode);
}

// ---- network
mneme_batch only_x(
    mneme_tensor* x) { // for dropout in a bare forward pass: every row counts as current
    mneme_batch b{};
    b.x = x;
    b.current = int64_t{1} << 40;
    return b;
}

int64_t layers(const mneme_net* net, mneme_layer* out, int64_t capacity) {
    const auto& list = net->session->network().layers();
    const std::size_t apart =
        capacity > 0 ? out->size : 0; // the plugin's elements are as long as its header has them
    for (std::size_t k = 0; k < list.size() && k < static_cast<std::size_t>(capacity); ++k) {
        const auto& l = list[k];
        mneme_layer raw{};
        raw.size = static_cast<uint32_t>(std::min(sizeof raw, apart));
        raw.kind = static_cast<int32_t>(l.kind);
        raw.name = l.name.c_str();
        raw.dims = static_cast<int32_t>(l.shape.size());
        std::copy(l.shape.begin(), l.shape.end(), raw.shape);
        raw.in_group = static_cast<int32_t>(l.in_group);
        raw.out_group = static_cast<int32_t>(l.out_group);
        raw.offset = l.offset;
        raw.numel = l.numel;
        raw.fan_in = l.fan_in;
        std::memcpy(reinterpret_cast<char*>(out) + k * apart, &raw, raw.size);
    }
    return static_cast<int64_t>(list.size());
}

int64_t groups(const mneme_net* net, int64_t* out, int64_t capacity) {
    const auto& list = net->session->network().groups();
    for (std::size_t k = 0; k < list.size() && k < static_cast<std::size_t>(capacity); ++k)
        out[k] = list[k];
    return static_cast<int64_t>(list.size());
}

int32_t initial(const mneme_net* net, mneme_tensor** theta, mneme_tensor** stats, mneme_status* s) {
    return guarded(s, "initial", [&] {
        const auto w = net->session->initial();
        *theta = hand_out(w.theta);
        *stats = hand_out(w.stats);
    });
}

int32_t logits(const mneme_net* net, mneme_tensor* theta, mneme_tensor* stats, mneme_tensor* x,
               int32_t mode, mneme_tensor** out, mneme_status* s) {
    show("net.logits", theta, x);
    return guarded(s, "logits", [&] {
        auto& session = *net->session;
        const auto m = mode_of(mode);
        *out = hand_out(session.network().logits(
            weights_of(theta, stats), value_of(x), m,
            m == bench::Mode::train ? session.dropout(only_x(x)) : bench::Dropout{}));
    });
}

int32_t features(const mneme_net* net, mneme_tensor* theta, mneme_tensor* stats, mneme_tensor* x,
                 int32_t mode, mneme_tensor** out, mneme_status* s) {
    show("net.features", theta, x);
    return guarded(s, "features", [&] {
        auto& session = *net->session;
        const auto m = mode_of(mode);
        *out = hand_out(session.network().features(
            weights_of(theta, stats), value_of(x), m,
            m == bench::Mode::train ? session.dropout(only_x(x)) : bench::Dropout{}));
    });
}

int32_t head(const mneme_net* net, mneme_tensor* task, mneme_tensor** out, mneme_status* s) {
    return guarded(s, "head", [&] { *out = hand_out(net->session->head_mask(value_of(task))); });
}

int32_t losses(const mneme_net* net, mneme_tensor* logits, const mneme_batch* batch,
               mneme_tensor** out, mneme_status* s) {
    show("net.losses", logits);
    return guarded(s, "losses",
                   [&] { *out = hand_out(net->session->losses(value_of(logits), *batch)); });
}

int32_t loss(const mneme_net* net, mneme_tensor* theta, mneme_tensor* stats,
             const mneme_batch* batch, int32_t mode, mneme_tensor** out, mneme_status* s) {
    show("net.loss", theta, batch->x);
    return guarded(s, "loss", [&] {
        auto& session = *net->session;
        const auto m = mode_of(mode);
        auto w = weights_of(theta, stats);
        w.weight = session.counts(*batch);
        const auto f = session.network().logits(
            w, value_of(batch->x), m,
            m == bench::Mode::train ? session.dropout(*batch) : bench::Dropout{});
        *out = hand_out(session.loss(session.losses(f, *batch), value_of(batch->weight)));
    });
}

int32_t gradient(const mneme_net* net, mneme_tensor* theta, mneme_tensor* stats,
                 const mneme_batch* batch, int32_t mode, mneme_tensor** out, mneme_status* s) {
    show("net.gradient", theta, batch->x);
    return guarded(s, "gradient", [&] {
        *out = hand_out(net->session->gradient(weights_of(theta, stats), *batch, mode_of(mode)));
    });
}

int32_t per_sample(const mneme_net* net, mneme_tensor* theta, mneme_tensor* stats,
                   const mneme_batch* batch, int32_t of, int32_t reduce, mneme_tensor** out,
                   mneme_status* s) {
    show("net.per_sample", theta, batch->x);
    return guarded(s, "per_sample", [&] {
        *out = hand_out(net->session->per_sample(weights_of(theta, stats), *batch, of, reduce));
    });
}

// ---- data
int32_t draw(const mneme_examples* e, int32_t how, int64_t n, mneme_tensor** out, mneme_status* s) {
    return guarded(s, "draw", [&] {
        if (n < 1)
            throw Error("draw: " + std::to_string(n) + " examples; at least 1 would be right",
                        MNEME_ARGUMENT);
        *out = hand_out(e->session->draw(*e, how, n));
    });
}

int32_t gather(const mneme_examples* e, mneme_tensor* positions, mneme_batch* out,
               mneme_status* s) {
    return guarded(s, "gather", [&] {
        at::Tensor x, y, task, weight;
        e->session->gather(*e, value_of(positions), x, y, task, weight);
        out->x = hand_out(x);
        out->y = hand_out(y);
        out->task = hand_out(task);
        out->weight = hand_out(weight);
        out->current = y.size(1);
    });
}

// ---- random numbers
at::IntArrayRef ref(const int64_t* shape, int32_t dims) {
    return {shape, static_cast<std::size_t>(dims)};
}

int32_t open(mneme_setup_context* c, const char* purpose, mneme_source** out, mneme_status* s) {
    return guarded(s, "random", [&] { *out = c->session->open(purpose); });
}
int32_t uniform(mneme_source* r, const int64_t* shape, int32_t dims, mneme_tensor** out,
                mneme_status* s) {
    show("random.uniform");
    return guarded(s, "uniform",
                   [&] { *out = hand_out(r->session->uniform(*r, ref(shape, dims))); });
}
int32_t integers(mneme_source* r, int64_t high, const int64_t* shape, int32_t dims,
                 mneme_tensor** out, mneme_status* s) {
    show("random.integers");
    return guarded(s, "integers",
                   [&] { *out = hand_out(r->session->integers(*r, high, ref(shape, dims))); });
}
int32_t normal(mneme_source* r, const int64_t* shape, int32_t dims, mneme_tensor** out,
               mneme_status* s) {
    show("random.normal");
    return guarded(s, "normal", [&] { *out = hand_out(r->session->normal(*r, ref(shape, dims))); });
}
int32_t permutation(mneme_source* r, int64_t n, mneme_tensor** out, mneme_status* s) {
    show("random.permutation");
    return guarded(s, "permutation", [&] { *out = hand_out(r->session->permutation(*r, n)); });
}

// ---- options
Declared declared(const mneme_option& o) {
    static const char* const kinds[] = {"number", "real", "count", "choice", "flag"};
    if (o.kind < 0 || o.kind > MNEME_OPTION_FLAG)
        throw Error("option: kind " + std::to_string(o.kind) + " is not known to this host; 0 to 4",
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

// ---- autograd
int32_t record(int32_t on) {
    const bool before = at::GradMode::is_enabled();
    at::GradMode::set_enabled(on != 0);
    return before;
}

int32_t leaf(mneme_tensor* t, mneme_tensor** out, mneme_status* s) {
    return guarded(s, "leaf",
                   [&] { *out = hand_out(t->value.detach().clone().requires_grad_(true)); });
}

std::vector<at::Tensor> list_of(mneme_tensor* const* handles, int32_t n) {
    std::vector<at::Tensor> out;
    for (int32_t k = 0; k < n; ++k) out.push_back(value_of(handles[k]));
    return out;
}

int32_t gradients(mneme_tensor* const* outputs, mneme_tensor* const* cotangents, int32_t n_outputs,
                  mneme_tensor* const* inputs, int32_t n_inputs, mneme_tensor** results,
                  mneme_status* s) {
    return guarded(s, "gradients", [&] {
        const auto y = list_of(outputs, n_outputs), x = list_of(inputs, n_inputs);
        std::vector<at::Tensor> v;
        for (int32_t k = 0; k < n_outputs; ++k) {
            const auto given = cotangents ? value_of(cotangents[k]) : at::Tensor();
            v.push_back(given.defined() ? given : at::ones_like(y[static_cast<std::size_t>(k)]));
        }
        const auto g = torch::autograd::grad(y, x, v, c10::nullopt, false, true);
        for (int32_t k = 0; k < n_inputs; ++k) {
            const auto i = static_cast<std::size_t>(k);
            results[k] = hand_out(g[i].defined() ? g[i] : at::zeros_like(x[i]));
        }
    });
}

} // namespace

const mneme_net_api net_table = {
    sizeof(mneme_net_api),
    0,
    [](const mneme_net* n) { return n->session->replicas(); },
    [](const mneme_net* n) { return n->session->network().classes(); },
    [](const mneme_net* n) { return n->session->network().parameters(); },
    [](const mneme_net* n) { return n->session->network().columns(); },
    layers,
    groups,
    initial,
    logits,
    features,
    head,
    losses,
    loss,
    gradient,
    per_sample};

const mneme_data_api data_table = {sizeof(mneme_data_api), 0,
                                   [](const mneme_examples* e) { return e->data.size(); }, draw,
                                   gather};

const mneme_random_api random_table = {
    sizeof(mneme_random_api), 0, open, uniform, integers, normal, permutation};

const mneme_options_api options_table = {sizeof(mneme_options_api), 0, declare};

const mneme_autograd_api autograd_table = {sizeof(mneme_autograd_api), 0, record, leaf, gradients};

const mneme_device_api device_table = {
    sizeof(mneme_device_api),
    0,
    [](const mneme_tensor* t) -> int32_t { return t->value.is_cuda(); },
    [](const mneme_tensor* t) -> int32_t { return t->value.device().index(); },
    [](mneme_tensor* t) -> void* {
        no_longer_known(t->value);
        return t->value.is_contiguous() ? t->value.data_ptr() : nullptr;
    },
    []() -> void* { return Session::current().stream(); }};

const void* find_interface(const char* id) {
    static const std::pair<const char*, const void*> tables[] = {
        {"mneme.tensor/1", &tensor_table},     {"mneme.net/1", &net_table},
        {"mneme.data/1", &data_table},         {"mneme.random/1", &random_table},
        {"mneme.options/1", &options_table},   {"mneme.optimizer/1", &optimizer_table},
        {"mneme.autograd/1", &autograd_table}, {"mneme.device/1", &device_table},
        {"mneme.libtorch/1", &libtorch_table}, {"mneme.select/1", &select_table},
        {"mneme.rows/1", &rows_table},         {"mneme.products/1", &products_table}};
    for (const auto& [name, table] : tables)
        if (std::strcmp(name, id) == 0) return table;
    return nullptr;
}

const mneme_host host_table = {sizeof(mneme_host), MNEME_SDK_MINOR, find_interface,
                               [](const char* line) { Session::log(line); }};

} // namespace mneme::host
