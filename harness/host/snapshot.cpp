// SPDX-License-Identifier: Apache-2.0
#include "host/snapshot.hpp"

#include <torch/csrc/jit/serialization/pickle.h>

#include <benchmarks/dataset.hpp>
#include <mneme/error.hpp>

namespace mneme::host {
namespace {

void add(bench::Sha256& sha, const at::Tensor& t) {
    if (!t.defined()) return sha.add("undefined");
    const auto whole = t.contiguous();
    sha.add(whole.sizes().data(), whole.sizes().size() * sizeof(int64_t));
    sha.add(whole.data_ptr(), whole.nbytes());
}

} // namespace

std::string Snapshot::digest() const {
    bench::Sha256 sha;
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
        const bool working = name.find('~') != name.npos || name.compare(0, without_prefix.size(), without_prefix) == 0;
        if (t && t->defined() && !working) sum += static_cast<double>(t->nbytes());
    }
    return sum;
}

std::string Snapshot::bytes() const {
    std::vector<c10::IValue> flat;
    for (const auto& [name, value] : values) {
        flat.emplace_back(name);
        if (const auto* t = std::get_if<at::Tensor>(&value)) flat.emplace_back(t->defined() ? c10::IValue(*t) : c10::IValue());
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
        throw Error("checkpoint: its content cannot be read; delete it, the run then starts anew", 70);
    }
}

} // namespace mneme::host
