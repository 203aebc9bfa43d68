// SPDX-License-Identifier: Apache-2.0
#include "host/snapshot.hpp"

#include <cstring>

#include <torch/csrc/jit/serialization/pickle.h>

#include <base/error.hpp>
#include <base/sha256.hpp>
#include <mneme/error.hpp>

namespace mneme::host {
namespace {

void add(base::Sha256& sha, const at::Tensor& t) {
    if (!t.defined()) return sha.add("undefined");
    const auto whole = t.contiguous();
    sha.add(whole.sizes().data(), whole.sizes().size() * sizeof(int64_t));
    sha.add(whole.data_ptr(), whole.nbytes());
}

// Bits, because NaN is not equal to itself.
bool same_bits(const at::Tensor& a, const at::Tensor& b) {
    if (a.defined() != b.defined()) return false;
    if (!a.defined()) return true;
    if (a.sizes() != b.sizes() || a.scalar_type() != b.scalar_type()) return false;
    const auto left = a.contiguous(), right = b.contiguous();
    if (left.numel() == 0) return true;
    if (left.is_cpu()) return std::memcmp(left.data_ptr(), right.data_ptr(), left.nbytes()) == 0;
    return at::equal(left.flatten().view(at::kByte), right.flatten().view(at::kByte));
}

bool same_bits(const Snapshot::Value& a, const Snapshot::Value& b) {
    if (a.index() != b.index()) return false;
    if (const auto* t = std::get_if<at::Tensor>(&a)) return same_bits(*t, std::get<at::Tensor>(b));
    if (const auto* real = std::get_if<double>(&a))
        return std::memcmp(real, &std::get<double>(b), sizeof(double)) == 0;
    return std::get<int64_t>(a) == std::get<int64_t>(b);
}

template <class F> Snapshot with_tensors(Snapshot s, F&& make) {
    for (auto& [name, value] : s.values)
        if (auto* t = std::get_if<at::Tensor>(&value); t && t->defined()) *t = make(*t);
    return s;
}

} // namespace

Snapshot Snapshot::copy() const {
    return with_tensors(*this, [](const at::Tensor& t) { return t.clone(); });
}

Snapshot Snapshot::on_cpu() const {
    return with_tensors(
        *this, [](const at::Tensor& t) { return t.to(t.options().device(at::kCPU), false, true); });
}

bool Snapshot::same_bits(const Snapshot& other) const {
    if (values.size() != other.values.size()) return false;
    for (std::size_t k = 0; k < values.size(); ++k)
        if (values[k].first != other.values[k].first ||
            !host::same_bits(values[k].second, other.values[k].second))
            return false;
    return true;
}

std::string Snapshot::moved(const Snapshot& before) const {
    const auto place = [](const Value& v) -> const void* {
        const auto* t = std::get_if<at::Tensor>(&v);
        return t && t->defined() ? t->data_ptr() : nullptr;
    };
    for (std::size_t k = 0; k < values.size() && k < before.values.size(); ++k)
        if (place(values[k].second) != place(before.values[k].second)) return values[k].first;
    return {};
}

std::string Snapshot::digest() const {
    base::Sha256 sha;
    for (const auto& [name, value] : values) {
        sha.add(name);
        if (const auto* t = std::get_if<at::Tensor>(&value)) add(sha, *t);
        else if (const auto* i = std::get_if<int64_t>(&value)) sha.add(i, sizeof *i);
        else sha.add(&std::get<double>(value), sizeof(double));
    }
    return sha.hex();
}

double Snapshot::kept_bytes(const std::string& without_prefix) const {
    double sum = 0;
    for (const auto& [name, value] : values) {
        const auto* t = std::get_if<at::Tensor>(&value);
        const bool working = name.find('~') != name.npos ||
                             name.compare(0, without_prefix.size(), without_prefix) == 0;
        if (t && t->defined() && !working) sum += static_cast<double>(t->nbytes());
    }
    return sum;
}

std::string Snapshot::bytes() const {
    std::vector<c10::IValue> flat;
    for (const auto& [name, value] : values) {
        flat.emplace_back(name);
        if (const auto* t = std::get_if<at::Tensor>(&value))
            flat.emplace_back(t->defined() ? c10::IValue(*t) : c10::IValue());
        else if (const auto* i = std::get_if<int64_t>(&value)) flat.emplace_back(*i);
        else flat.emplace_back(std::get<double>(value));
    }
    const auto data = torch::jit::pickle_save(c10::ivalue::Tuple::create(std::move(flat)));
    return {data.begin(), data.end()};
}

Snapshot Snapshot::from_bytes(const std::string& blob) {
    try {
        const auto tuple = torch::jit::pickle_load({blob.begin(), blob.end()});
        const auto& flat = tuple.toTupleRef().elements();
        Snapshot out;
        for (std::size_t k = 0; k + 1 < flat.size(); k += 2) {
            const auto& v = flat[k + 1];
            Value value = v.isTensor()   ? Value(v.toTensor())
                          : v.isInt()    ? Value(v.toInt())
                          : v.isDouble() ? Value(v.toDouble())
                                         : Value(at::Tensor());
            out.values.emplace_back(flat[k].toStringRef(), std::move(value));
        }
        return out;
    } catch (const std::exception&) {
        throw base::ExitError(
            base::ExitCode::internal,
            "checkpoint: its content cannot be read; delete it, the run then starts anew");
    }
}

} // namespace mneme::host
