// SPDX-License-Identifier: Apache-2.0
// The plugin's side of the border: the host's tables, and errors as exceptions. Authors rarely need
// this file.
#pragma once

#include <string>
#include <type_traits>

#include <mneme/abi.h>
#include <mneme/error.hpp>

namespace mneme::border {

// The host's tables, filled once when the first learner is created. An absent interface is null.
struct Tables {
    const mneme_host* host = nullptr;
    const mneme_tensor_api* tensor = nullptr;
    const mneme_net_api* net = nullptr;
    const mneme_data_api* data = nullptr;
    const mneme_random_api* random = nullptr;
    const mneme_options_api* options = nullptr;
    const mneme_optimizer_api* optimizer = nullptr;
    const mneme_autograd_api* autograd = nullptr;
    const mneme_device_api* device = nullptr;
    const mneme_select_api* select = nullptr;
    const mneme_rows_api* rows = nullptr;
    const mneme_products_api* products = nullptr;
    const mneme_run_api* run = nullptr;
    const mneme_gradients_api* gradients = nullptr;
    const mneme_layers_api* layers = nullptr;
    const mneme_report_api* report = nullptr;
    const mneme_augment_api* augment = nullptr;
};
inline Tables tables;

inline void bind(const mneme_host* host) {
    auto find = [&](auto*& table, const char* id) {
        table = static_cast<std::remove_reference_t<decltype(table)>>(host->find_interface(id));
    };
    tables.host = host;
    find(tables.tensor, "mneme.tensor/1");
    find(tables.net, "mneme.net/1");
    find(tables.data, "mneme.data/1");
    find(tables.random, "mneme.random/1");
    find(tables.options, "mneme.options/1");
    find(tables.optimizer, "mneme.optimizer/1");
    find(tables.autograd, "mneme.autograd/1");
    find(tables.device, "mneme.device/1");
    find(tables.select, "mneme.select/1");
    find(tables.rows, "mneme.rows/1");
    find(tables.products, "mneme.products/1");
    find(tables.run, "mneme.run/1");
    find(tables.gradients, "mneme.gradients/1");
    find(tables.layers, "mneme.layers/1");
    find(tables.report, "mneme.report/1");
    find(tables.augment, "mneme.augment/1");
}

// A table that `what` needs and that a host may lack.
template <class T> const T& required(const T* table, const char* what, const char* id) {
    if (!table)
        throw Error(std::string(what) + ": this host does not have " + id +
                        "; use a newer harness, or do without",
                    MNEME_STATE);
    return *table;
}

// Calls a table's function with a status at the end; a failure becomes an Error.
template <class F, class... A> void call(F function, A... arguments) {
    mneme_status status;
    status.size = sizeof status;
    status.code = 0;
    status.message[0] = 0;
    if (function(arguments..., &status) != 0) throw Error(status.message, status.code);
}

} // namespace mneme::border
