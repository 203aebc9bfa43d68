// SPDX-License-Identifier: Apache-2.0
// The plugin's side of the border: the host's tables, errors as exceptions, operators by name.
// Authors rarely need this file.
#pragma once

#include <string>

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
