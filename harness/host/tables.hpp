// SPDX-License-Identifier: Apache-2.0
// The host's interfaces, one file each; find_interface gives them out by name.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <mneme/abi.h>

namespace mneme::host {

extern const mneme_tensor_api tensor_table;
extern const mneme_net_api net_table;
extern const mneme_data_api data_table;
extern const mneme_random_api random_table;
extern const mneme_options_api options_table;
extern const mneme_optimizer_api optimizer_table;
extern const mneme_autograd_api autograd_table;
extern const mneme_device_api device_table;
extern const mneme_select_api select_table;
extern const mneme_rows_api rows_table;
extern const mneme_products_api products_table;
extern const mneme_run_api run_table;
extern const mneme_gradients_api gradients_table;
extern const mneme_layers_api layers_table;
extern const mneme_report_api report_table;
extern const mneme_augment_api augment_table;
extern const mneme_libtorch_api libtorch_table;
extern const mneme_host host_table;

const void* find_interface(const char* id);   // null: not here
bool has_operator(const std::string& schema); // does this LibTorch have it, and is it offered
std::vector<std::string>
missing_operators();            // of those that the authoring layer wraps (operators.def)
std::string libtorch_version(); // "2.11.0", of the headers this was built with
std::map<std::string, std::string>
native_note(); // what the note of a plugin of the native tier must say (mneme/libtorch.hpp)

} // namespace mneme::host
