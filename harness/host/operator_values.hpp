// SPDX-License-Identifier: Apache-2.0
// Arguments and results of LibTorch's operators, as the border has them and as LibTorch has them.
#pragma once

#include <string>
#include <vector>

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>

#include "host/handle.hpp"

struct mneme_op {
    c10::OperatorHandle handle;
    std::string name;
    std::vector<std::size_t> writes; // arguments that it may change
    bool where = name == "aten::where.self";
};

namespace mneme::host {

at::ScalarType torch_type(int32_t dtype);
int32_t border_type(at::ScalarType);

// One value as the schema wants it. LibTorch itself would meet a wrong kind with an internal
// assertion.
c10::IValue convert(const mneme_op&, const c10::Argument&, const mneme_value&);
mneme_value result_of(const mneme_op&, c10::IValue);

} // namespace mneme::host
