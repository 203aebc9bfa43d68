// SPDX-License-Identifier: Apache-2.0
// "mneme.net/1", "mneme.gradients/1" and "mneme.layers/1": the network as a plugin sees it.
#include <cstring>

#include <mneme/error.hpp>

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

mneme_batch only_x(
    mneme_tensor* x) { // for dropout in a bare forward pass: every row counts as current
    mneme_batch b{};
    b.x = x;
    b.current = int64_t{1} << 40;
    return b;
}

int64_t layers(const mneme_net* net, mneme_layer* out, int64_t capacity) {
    const auto& list = net->session->model().network().layers();
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
    const auto& list = net->session->model().network().groups();
    for (std::size_t k = 0; k < list.size() && k < static_cast<std::size_t>(capacity); ++k)
        out[k] = list[k];
    return static_cast<int64_t>(list.size());
}

int32_t initial(const mneme_net* net, mneme_tensor** theta, mneme_tensor** stats, mneme_status* s) {
    return guarded(s, "initial", [&] {
        const auto w = net->session->model().initial();
        *theta = hand_out(w.theta);
        *stats = hand_out(w.stats);
    });
}

int32_t logits(const mneme_net* net, mneme_tensor* theta, mneme_tensor* stats, mneme_tensor* x,
               int32_t mode, mneme_tensor** out, mneme_status* s) {
    show("net.logits", theta, x);
    return guarded(s, "logits", [&] {
        auto& model = net->session->model();
        const auto m = mode_of(mode);
        *out = hand_out(model.network().logits(
            weights_of(theta, stats), value_of(x), m,
            m == bench::Mode::train ? model.dropout(only_x(x)) : bench::Dropout{}));
    });
}

int32_t features(const mneme_net* net, mneme_tensor* theta, mneme_tensor* stats, mneme_tensor* x,
                 int32_t mode, mneme_tensor** out, mneme_status* s) {
    show("net.features", theta, x);
    return guarded(s, "features", [&] {
        auto& model = net->session->model();
        const auto m = mode_of(mode);
        *out = hand_out(model.network().features(
            weights_of(theta, stats), value_of(x), m,
            m == bench::Mode::train ? model.dropout(only_x(x)) : bench::Dropout{}));
    });
}

int32_t head(const mneme_net* net, mneme_tensor* task, mneme_tensor** out, mneme_status* s) {
    return guarded(s, "head",
                   [&] { *out = hand_out(net->session->model().head_mask(value_of(task))); });
}

int32_t losses(const mneme_net* net, mneme_tensor* logits, const mneme_batch* batch,
               mneme_tensor** out, mneme_status* s) {
    show("net.losses", logits);
    return guarded(s, "losses", [&] {
        *out = hand_out(net->session->model().losses(value_of(logits), *batch));
    });
}

int32_t loss(const mneme_net* net, mneme_tensor* theta, mneme_tensor* stats,
             const mneme_batch* batch, int32_t mode, mneme_tensor** out, mneme_status* s) {
    show("net.loss", theta, batch->x);
    return guarded(s, "loss", [&] {
        auto& model = net->session->model();
        const auto m = mode_of(mode);
        auto w = weights_of(theta, stats);
        w.weight = model.counts(*batch);
        const auto f = model.network().logits(
            w, value_of(batch->x), m,
            m == bench::Mode::train ? model.dropout(*batch) : bench::Dropout{});
        *out = hand_out(model.loss(model.losses(f, *batch), value_of(batch->weight)));
    });
}

int32_t gradient(const mneme_net* net, mneme_tensor* theta, mneme_tensor* stats,
                 const mneme_batch* batch, int32_t mode, mneme_tensor** out, mneme_status* s) {
    show("net.gradient", theta, batch->x);
    return guarded(s, "gradient", [&] {
        *out = hand_out(
            net->session->model().gradient(weights_of(theta, stats), *batch, mode_of(mode)));
    });
}

int32_t per_sample(const mneme_net* net, mneme_tensor* theta, mneme_tensor* stats,
                   const mneme_batch* batch, int32_t of, int32_t reduce, mneme_tensor** out,
                   mneme_status* s) {
    show("net.per_sample", theta, batch->x);
    return guarded(s, "per_sample", [&] {
        *out = hand_out(
            net->session->model().per_sample(weights_of(theta, stats), *batch, of, reduce));
    });
}

// ---- gradients
int32_t by_cotangent(const mneme_net* net, mneme_tensor* theta, mneme_tensor* stats,
                     const mneme_batch* batch, int32_t mode, mneme_cotangent cotangent, void* self,
                     mneme_tensor** out, mneme_status* s) {
    show("gradients.by_cotangent", theta, batch->x);
    return guarded(s, "gradient", [&] {
        auto& model = net->session->model();
        const auto given = [&](const at::Tensor& logits) {
            mneme_tensor *in = hand_out(logits), *d = nullptr;
            mneme_status status{sizeof status, MNEME_OK, {}};
            const int32_t code = cotangent(self, in, &d, &status);
            release(in);
            const auto value = value_of(d);
            release(d);
            status.message[sizeof status.message - 1] = 0;
            if (code != MNEME_OK) throw Error(status.message, code);
            if (!value.defined() || value.sizes() != logits.sizes())
                throw Error(c10::str("gradient: the cotangent is ",
                                     value.defined() ? c10::str(value.sizes()) : "missing",
                                     "; give one of the logits' shape ", logits.sizes()),
                            MNEME_ARGUMENT);
            return value.to(logits.scalar_type());
        };
        *out = hand_out(model.gradient(weights_of(theta, stats), *batch, mode_of(mode), given));
    });
}

int32_t loss_cotangent(const mneme_net* net, mneme_tensor* logits, const mneme_batch* batch,
                       mneme_tensor** out, mneme_status* s) {
    show("gradients.loss_cotangent", logits);
    return guarded(s, "loss_cotangent", [&] {
        *out = hand_out(net->session->model().loss_cotangent(value_of(logits), *batch));
    });
}

int32_t of_rows(const mneme_net* net, mneme_tensor* theta, mneme_tensor* stats,
                const mneme_batch* batch, mneme_tensor* cotangents, mneme_tensor** out,
                mneme_status* s) {
    show("gradients.of_rows", theta, batch->x, cotangents);
    return guarded(s, "gradients_of_rows", [&] {
        *out = hand_out(net->session->model().gradients_of_rows(weights_of(theta, stats), *batch,
                                                                value_of(cotangents)));
    });
}

// ---- layers
int32_t inputs(const mneme_net* net, mneme_tensor* theta, mneme_tensor* stats, mneme_tensor* x,
               int32_t mode, mneme_tensor** out, int32_t capacity, int32_t* count,
               mneme_status* s) {
    show("layers.inputs", theta, x);
    return guarded(s, "layer_inputs", [&] {
        auto& model = net->session->model();
        const auto m = mode_of(mode);
        const auto all = model.network().layer_inputs(
            weights_of(theta, stats), value_of(x), m,
            m == bench::Mode::train ? model.dropout(only_x(x)) : bench::Dropout{});
        *count = static_cast<int32_t>(all.size());
        for (int32_t k = 0; k < std::min(*count, capacity); ++k)
            out[k] = hand_out(all[static_cast<std::size_t>(k)]);
    });
}

// The last weight and what lies behind it: every network ends with a linear layer to the logits.
int64_t head_layers(const mneme_net* net, int64_t* out, int64_t capacity) {
    const auto& list = net->session->model().network().layers();
    int64_t first = 0;
    const auto all = static_cast<int64_t>(list.size());
    for (int64_t k = 0; k < all; ++k)
        if (list[static_cast<std::size_t>(k)].kind == bench::LayerKind::weight) first = k;
    for (int64_t k = first; k < all && k - first < capacity; ++k) out[k - first] = k;
    return all - first;
}

} // namespace

const mneme_net_api net_table = {
    sizeof(mneme_net_api),
    0,
    [](const mneme_net* n) { return n->session->replicas(); },
    [](const mneme_net* n) { return n->session->model().network().classes(); },
    [](const mneme_net* n) { return n->session->model().network().parameters(); },
    [](const mneme_net* n) { return n->session->model().network().columns(); },
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

const mneme_gradients_api gradients_table = {sizeof(mneme_gradients_api), 0, by_cotangent,
                                             loss_cotangent, of_rows};

const mneme_layers_api layers_table = {sizeof(mneme_layers_api), 0, inputs, head_layers};

} // namespace mneme::host
