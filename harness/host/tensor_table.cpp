// SPDX-License-Identifier: Apache-2.0
// "mneme.tensor/1": handles, and LibTorch's operators by schema name.
#include <cstring>
#include <mutex>
#include <unordered_map>

#include <ATen/ATen.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>
#include <torch/version.h>

#include "host/cpu_where.hpp"
#include "host/handle.hpp"
#include "host/ones.hpp"
#include "host/operator_values.hpp"
#include "host/probe.hpp"
#include "host/session.hpp"
#include "host/tables.hpp"

namespace mneme::host {
namespace {

void invoke(const mneme_op& op, torch::jit::Stack& stack) {
    if (at::GradMode::is_enabled()) return op.handle.callBoxed(stack);
    at::AutoDispatchBelowADInplaceOrView
        no_autograd; // nothing is recorded: its layer need not be passed
    if (op.where)
        if (auto out = cpu_where(stack[0].toTensor(), stack[1].toTensor(), stack[2].toTensor());
            out.defined())
            return void(stack = {std::move(out)});
    op.handle.callBoxed(stack);
}

void call_operator(const mneme_op& op, const mneme_value* arguments, int32_t n,
                   mneme_value* results, int32_t n_results) {
    if (Probe::looking) Probe::looking->called(op.name.c_str(), arguments, n);
    const auto& schema = op.handle.schema();
    const auto& declared = schema.arguments();
    if (static_cast<std::size_t>(n) > declared.size())
        throw Error(op.name + ": " + std::to_string(n) + " arguments; it takes " +
                        std::to_string(declared.size()),
                    MNEME_ARGUMENT);
    torch::jit::Stack stack;
    stack.reserve(declared.size());
    for (int32_t k = 0; k < n; ++k)
        stack.push_back(convert(op, declared[static_cast<std::size_t>(k)], arguments[k]));
    for (std::size_t k = stack.size(); k < declared.size(); ++k) {
        if (!declared[k].default_value())
            throw Error(op.name + ": argument " + declared[k].name() + " is missing",
                        MNEME_ARGUMENT);
        stack.push_back(*declared[k].default_value());
    }
    if (static_cast<std::size_t>(n_results) > schema.returns().size())
        throw Error(op.name + ": " + std::to_string(n_results) + " results asked for; it gives " +
                        std::to_string(schema.returns().size()),
                    MNEME_ARGUMENT);
    for (const std::size_t k : op.writes) {
        if (stack[k].isTensor()) no_longer_known(stack[k].toTensor());
        else if (stack[k].isTensorList())
            for (const at::Tensor& t : stack[k].toTensorVector()) no_longer_known(t);
    }
    invoke(op, stack);
    for (int32_t k = 0; k < n_results; ++k)
        results[k] = result_of(op, std::move(stack[static_cast<std::size_t>(k)]));
    if (Probe::looking) Probe::looking->gave(op.name.c_str(), results, n_results);
}

bool writes_out(const c10::FunctionSchema& schema) { // new arguments are inserted before `out`:
                                                     // such overloads are not offered
    for (const auto& argument : schema.arguments())
        if (argument.is_out()) return true;
    return false;
}

// Running values are changed by normalisation, which the schemas do not say.
std::vector<std::size_t> writes(const c10::FunctionSchema& schema) {
    std::vector<std::size_t> out;
    for (std::size_t k = 0; k < schema.arguments().size(); ++k) {
        const auto& argument = schema.arguments()[k];
        const auto* alias = argument.alias_info();
        if ((alias && alias->isWrite()) || argument.name().rfind("running_", 0) == 0)
            out.push_back(k);
    }
    return out;
}

const mneme_op* look_up(const std::string& schema) {
    static std::unordered_map<std::string, std::unique_ptr<const mneme_op>> known;
    if (auto it = known.find(schema); it != known.end()) return it->second.get();
    const auto dot = schema.find('.');
    const auto name = schema.substr(0, dot),
               overload = dot == schema.npos ? std::string() : schema.substr(dot + 1);
    const auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
    if (!handle || writes_out(handle->schema())) return nullptr;
    return known.emplace(schema, new mneme_op{*handle, schema, writes(handle->schema())})
        .first->second.get();
}

const mneme_op* find(const char* schema, mneme_status* status) {
    const mneme_op* op = nullptr;
    guarded(status, schema, [&] {
        op = look_up(schema);
        if (!op)
            throw Error("LibTorch " + libtorch_version() + " has no operator " + schema +
                            "; name one that it has, without `out`",
                        MNEME_OPERATOR);
    });
    return op;
}

int32_t call(const mneme_op* op, const mneme_value* arguments, int32_t n, mneme_value* results,
             int32_t n_results, mneme_status* status) {
    return guarded(status, op->name.c_str(),
                   [&] { call_operator(*op, arguments, n, results, n_results); });
}

int32_t shape(const mneme_tensor* t, int64_t* sizes, int32_t capacity) {
    const auto actual = t->value.sizes();
    for (std::size_t k = 0; k < actual.size() && k < static_cast<std::size_t>(capacity); ++k)
        sizes[k] = actual[k];
    return static_cast<int32_t>(actual.size());
}

void release_list(mneme_value* list) {
    delete[] list->v.tensors;
    *list = mneme_value{};
}

int32_t read(const mneme_tensor* t, int32_t kind, void* out, int64_t count, mneme_status* status) {
    return guarded(status, "read", [&] {
        if (Probe::looking) Probe::looking->read();
        if (Session::current().recording())
            throw Error(
                "read: values cannot be read while a step is recorded; keep them in tensors",
                MNEME_STATE);
        if (t->value.numel() != count)
            throw Error("read: the tensor has " + std::to_string(t->value.numel()) +
                            " elements and not " + std::to_string(count),
                        MNEME_ARGUMENT);
        const auto copy =
            t->value.to(at::kCPU, kind == MNEME_INT ? at::kLong : at::kDouble).contiguous();
        std::memcpy(out, copy.data_ptr(), static_cast<std::size_t>(count) * 8);
    });
}

int32_t create(const int64_t* sizes, int32_t dims, int32_t dtype, const void* data,
               mneme_tensor** out, mneme_status* status) {
    if (data) show("host numbers");
    return guarded(status, "create", [&] {
        const auto type = torch_type(dtype);
        const at::IntArrayRef shape(sizes, static_cast<std::size_t>(dims));
        if (data && Session::current().recording())
            throw Error(
                "create: numbers of the host cannot enter a step that is recorded; make the tensor "
                "before the steps",
                MNEME_STATE);
        const auto device = Session::current().device();
        at::Tensor t = data ? at::from_blob(const_cast<void*>(data), shape, type).clone().to(device)
                            : at::zeros(shape, at::device(device).dtype(type));
        *out = hand_out(t);
    });
}

} // namespace

const mneme_tensor_api tensor_table = {
    sizeof(mneme_tensor_api),
    0,
    retain,
    release,
    shape,
    [](const mneme_tensor* t) { return border_type(t->value.scalar_type()); },
    find,
    call,
    release_list,
    read,
    create};

bool has_operator(const std::string& schema) { return look_up(schema) != nullptr; }

std::string libtorch_version() { return TORCH_VERSION; }

std::vector<std::string> missing_operators() {
    static const char* const wrapped[] = {
#define MNEME_UNARY(name) "aten::" #name,
#define MNEME_UPDATE0(name) "aten::" #name,
#define MNEME_BINARY(name, symbol) "aten::" #name ".Tensor", "aten::" #name ".Scalar",
#define MNEME_COMPARE(name, symbol) "aten::" #name ".Tensor", "aten::" #name ".Scalar",
#define MNEME_WRAPPED(schema) schema,
#include <mneme/operators.def>
    };
    std::vector<std::string> missing;
    for (const char* schema : wrapped)
        if (!has_operator(schema)) missing.push_back(schema);
    return missing;
}

} // namespace mneme::host
