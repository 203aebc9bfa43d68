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
#include "host/probe.hpp"
#include "host/session.hpp"
#include "host/tables.hpp"

struct mneme_op {
    c10::OperatorHandle handle;
    std::string name;
    std::vector<std::size_t> writes; // arguments that it may change
    bool where = name == "aten::where.self";
};

namespace mneme::host {
namespace {

using c10::IValue;

at::ScalarType torch_type(int32_t dtype) {
    switch (dtype) {
        case MNEME_FLOAT32: return at::kFloat;
        case MNEME_FLOAT64: return at::kDouble;
        case MNEME_INT64: return at::kLong;
        case MNEME_BOOL8: return at::kBool;
        case MNEME_UINT8: return at::kByte;
        case MNEME_INT32: return at::kInt;
    }
    throw Error("dtype " + std::to_string(dtype) + ": not known to this host; it knows 1 to 6",
                MNEME_ARGUMENT);
}

int32_t border_type(at::ScalarType type) {
    switch (type) {
        case at::kFloat: return MNEME_FLOAT32;
        case at::kDouble: return MNEME_FLOAT64;
        case at::kLong: return MNEME_INT64;
        case at::kBool: return MNEME_BOOL8;
        case at::kByte: return MNEME_UINT8;
        case at::kInt: return MNEME_INT32;
        default: return 0;
    }
}

const char* kind_name(int32_t kind) {
    static const char* const names[] = {"none",   "tensor", "int",     "real",
                                        "bool",   "ints",   "reals",   "bools",
                                        "string", "dtype",  "tensors", "optional tensors"};
    return kind >= 0 && kind <= MNEME_OPTIONAL_TENSORS ? names[kind] : "an unknown kind";
}

[[noreturn]] void wrong_kind(const mneme_op& op, const c10::Argument& argument,
                             const mneme_value& v) {
    throw Error(op.name + ": argument " + argument.name() + " is " + kind_name(v.kind) +
                    "; it should be " + argument.type()->str(),
                MNEME_ARGUMENT);
}

std::vector<at::Tensor> tensor_list(const mneme_value& v) {
    std::vector<at::Tensor> list;
    for (int32_t k = 0; k < v.count; ++k) list.push_back(value_of(v.v.tensors[k]));
    return list;
}

// One value as the schema wants it. LibTorch itself would meet a wrong kind with an internal
// assertion.
IValue convert(const mneme_op& op, const c10::Argument& argument, const mneme_value& v) {
    auto type = argument.type();
    if (auto optional = type->cast<c10::OptionalType>()) {
        if (v.kind == MNEME_NONE) return IValue();
        type = optional->getElementType();
    }
    switch (type->kind()) {
        case c10::TypeKind::TensorType:
            if (v.kind == MNEME_TENSOR) return v.v.tensor->value;
            break;
        case c10::TypeKind::NumberType:
            if (v.kind == MNEME_INT) return v.v.i;
            if (v.kind == MNEME_REAL) return v.v.r;
            if (v.kind == MNEME_BOOL) return v.v.i != 0;
            break;
        case c10::TypeKind::FloatType:
            if (v.kind == MNEME_REAL) return v.v.r;
            if (v.kind == MNEME_INT) return static_cast<double>(v.v.i);
            break;
        case c10::TypeKind::IntType:
            if (v.kind == MNEME_INT) return v.v.i;
            if (v.kind == MNEME_DTYPE)
                return static_cast<int64_t>(torch_type(static_cast<int32_t>(v.v.i)));
            break;
        case c10::TypeKind::BoolType:
            if (v.kind == MNEME_BOOL) return v.v.i != 0;
            break;
        case c10::TypeKind::StringType:
            if (v.kind == MNEME_STRING)
                return std::string(v.v.string, static_cast<std::size_t>(v.count));
            break;
        case c10::TypeKind::ListType: {
            const auto element = type->castRaw<c10::ListType>()->getElementType()->kind();
            if (element == c10::TypeKind::IntType && v.kind == MNEME_INTS)
                return std::vector<int64_t>(v.v.ints, v.v.ints + v.count);
            if (element == c10::TypeKind::IntType && v.kind == MNEME_INT)
                return std::vector<int64_t>{v.v.i};
            if (element == c10::TypeKind::FloatType && v.kind == MNEME_REALS)
                return std::vector<double>(v.v.reals, v.v.reals + v.count);
            if (element == c10::TypeKind::BoolType && v.kind == MNEME_BOOLS) {
                c10::List<bool> list;
                for (int32_t k = 0; k < v.count; ++k) list.push_back(v.v.ints[k] != 0);
                return list;
            }
            if (element == c10::TypeKind::TensorType && v.kind == MNEME_TENSORS)
                return tensor_list(v);
            if (element == c10::TypeKind::OptionalType &&
                (v.kind == MNEME_TENSORS || v.kind == MNEME_OPTIONAL_TENSORS)) {
                c10::List<c10::optional<at::Tensor>> list;
                for (const auto& t : tensor_list(v))
                    list.push_back(t.defined() ? c10::optional<at::Tensor>(t) : c10::nullopt);
                return list;
            }
            break;
        }
        default: break;
    }
    wrong_kind(op, argument, v);
}

mneme_value result_of(const mneme_op& op, IValue value) {
    mneme_value out{};
    if (value.isTensor()) {
        out.kind = value.toTensor().defined() ? MNEME_TENSOR : MNEME_NONE;
        out.v.tensor = hand_out(std::move(value).toTensor());
    } else if (value.isTensorList()) {
        const auto list = value.toTensorVector();
        out.kind = MNEME_TENSORS;
        out.count = static_cast<int32_t>(list.size());
        out.v.tensors = new mneme_tensor*[list.size()];
        for (std::size_t k = 0; k < list.size(); ++k) out.v.tensors[k] = hand_out(list[k]);
    } else if (value.isInt()) {
        out.kind = MNEME_INT, out.v.i = value.toInt();
    } else if (value.isDouble()) {
        out.kind = MNEME_REAL, out.v.r = value.toDouble();
    } else if (value.isBool()) {
        out.kind = MNEME_BOOL, out.v.i = value.toBool();
    } else if (value.isScalar()) {
        out.kind = MNEME_REAL, out.v.r = value.toScalar().toDouble();
    } else {
        throw Error(
            op.name + ": gives a " + value.tagKind() +
                ", which does not cross the border; use an operator that gives tensors or numbers",
            MNEME_OPERATOR);
    }
    return out;
}

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
