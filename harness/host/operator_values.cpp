// SPDX-License-Identifier: Apache-2.0
#include "host/operator_values.hpp"

#include <ATen/ATen.h>

namespace mneme::host {

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

namespace {

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

} // namespace

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

} // namespace mneme::host
