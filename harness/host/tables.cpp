// SPDX-License-Identifier: Apache-2.0
// "mneme.data/1", "mneme.augment/1", "mneme.autograd/1" and "mneme.device/1", and which table has
// which name.
#include <cstddef>
#include <cstring>
#include <functional>
#include <iostream>

#include <torch/csrc/autograd/autograd.h>

#include <mneme/error.hpp>

#include "host/handle.hpp"
#include "host/ones.hpp"
#include "host/plugin_log.hpp"
#include "host/probe.hpp"
#include "host/session.hpp"
#include "host/tables.hpp"

namespace mneme::host {
namespace {

int32_t draw(const mneme_examples* e, int32_t how, int64_t n, mneme_tensor** out, mneme_status* s) {
    return guarded(s, "draw", [&] {
        if (n < 1)
            throw Error("draw: " + std::to_string(n) + " examples; draw at least 1",
                        MNEME_ARGUMENT);
        *out = hand_out(e->session->batches().draw(*e, how, n));
    });
}

int32_t gather(const mneme_examples* e, mneme_tensor* positions, mneme_batch* out,
               mneme_status* s) {
    return guarded(s, "gather", [&] {
        Rows rows;
        e->session->batches().gather(*e, value_of(positions), rows);
        out->x = hand_out(rows.x);
        out->y = hand_out(rows.y);
        out->task = hand_out(rows.task);
        out->weight = hand_out(rows.weight);
        out->current = rows.y.size(1);
        if (out->size < offsetof(mneme_batch, plain) + sizeof out->plain)
            return; // a plugin of before: it has no id
        out->id = hand_out(value_of(positions).expand({rows.y.size(0), -1}));
        out->plain = nullptr;
    });
}

// ---- pictures moved at random
int32_t augment(mneme_source* source, const mneme_augmentation* how, mneme_tensor* x,
                mneme_tensor** out, mneme_status* s) {
    show("augment.apply", x);
    return guarded(s, "augmented", [&] {
        bench::AugmentSpec own;
        if (how) {
            if (how->crop_padding < 0)
                throw Error("augmented: crop_padding is " + std::to_string(how->crop_padding) +
                                "; use 0 or more",
                            MNEME_ARGUMENT);
            own.crop_padding = how->crop_padding;
            own.horizontal_flip = how->horizontal_flip != 0;
        }
        *out = hand_out(
            Session::current().batches().augmented(value_of(x), *source, how ? &own : nullptr));
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

const mneme_data_api data_table = {sizeof(mneme_data_api), 0,
                                   [](const mneme_examples* e) { return e->data.size(); }, draw,
                                   gather};

const mneme_augment_api augment_table = {sizeof(mneme_augment_api), 0, augment};

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
        {"mneme.rows/1", &rows_table},         {"mneme.products/1", &products_table},
        {"mneme.run/1", &run_table},           {"mneme.gradients/1", &gradients_table},
        {"mneme.layers/1", &layers_table},     {"mneme.report/1", &report_table},
        {"mneme.augment/1", &augment_table}};
    for (const auto& [name, table] : tables)
        if (std::strcmp(name, id) == 0) return table;
    return nullptr;
}

const mneme_host host_table = {sizeof(mneme_host), MNEME_SDK_MINOR, find_interface,
                               write_plugin_log};

} // namespace mneme::host
