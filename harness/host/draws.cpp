// SPDX-License-Identifier: Apache-2.0
#include "host/draws.hpp"

#include <algorithm>

#include <ATen/ATen.h>

#include <benchmarks/random.hpp>
#include <mneme/error.hpp>

namespace mneme::host {
namespace {

std::vector<int64_t> with_replicas(int64_t replicas, at::IntArrayRef shape) {
    std::vector<int64_t> out{replicas};
    out.insert(out.end(), shape.begin(), shape.end());
    return out;
}

bench::PhiloxPlace* on(const at::Tensor& place) {
    return reinterpret_cast<bench::PhiloxPlace*>(place.data_ptr<int32_t>());
}

bench::PhiloxPlace counter(const Place& at) {
    return {0, at.step, static_cast<uint32_t>(at.task) * 256 + at.phase};
}

int64_t product(at::IntArrayRef shape) { return c10::multiply_integers(shape); }

} // namespace

Draws::Draws(const Placement& placement, const std::vector<int64_t>& seeds)
    : placement_(placement) {
    std::vector<int32_t> bits;
    for (int64_t seed : seeds) bits.push_back(static_cast<int32_t>(static_cast<uint32_t>(seed)));
    seeds_ =
        at::from_blob(bits.data(), {placement.replicas}, at::kInt).clone().to(placement.device);
    place_ = at::zeros({3}, placement.of(at::kInt));
}

Draws::~Draws() = default;

void Draws::seek(const Place& place) { move_to({on(place_), counter(place)}); }

void Draws::seek(const Place& place, const at::Tensor& rows, at::Tensor& copy) {
    const auto from = rows.stride(1) == 1 ? rows : rows.contiguous();
    move_to({on(place_), counter(place), from.data_ptr<int64_t>(), from.stride(0),
             copy.data_ptr<int64_t>(), from.size(0), from.size(1)});
}

void Draws::move_to(const Seek& there) {
    ++places_;
    placement_.kernels().seek(there, placement_.stream());
}

mneme_source* Draws::open(const std::string& purpose) {
    for (const auto& source : opened_)
        if (source->purpose == purpose)
            throw Error("random(\"" + purpose +
                            "\"): opened twice; give each source of a method a purpose of its own",
                        MNEME_STATE);
    opened_.push_back(std::make_unique<mneme_source>(
        mneme_source{this, purpose, bench::purpose("plugin/" + purpose)}));
    return opened_.back().get();
}

mneme_source& Draws::own(const std::string& purpose) {
    for (const auto& source : owned_)
        if (source->purpose == purpose) return *source;
    owned_.push_back(std::make_unique<mneme_source>(
        mneme_source{this, purpose, bench::purpose("mneme/" + purpose)}));
    return *owned_.back();
}

Draw Draws::next(mneme_source& source, int64_t count, int64_t stride) {
    if (source.place != places_) source.place = places_, source.call = 0;
    return at_place(source.hash, place_, source.call++, count, stride);
}

Draw Draws::at_place(uint32_t purpose, const at::Tensor& place, uint32_t call, int64_t count,
                     int64_t stride) const {
    return {reinterpret_cast<const uint32_t*>(seeds_.data_ptr<int32_t>()),
            purpose,
            on(place),
            call,
            placement_.replicas,
            count,
            stride};
}

at::Tensor Draws::uniform(mneme_source& source, at::IntArrayRef shape) {
    auto out = at::empty(with_replicas(placement_.replicas, shape), placement_.of(at::kFloat));
    placement_.kernels().uniform(next(source, product(shape), product(shape)),
                                 out.data_ptr<float>(), placement_.stream());
    return out;
}

at::Tensor Draws::normal(mneme_source& source, at::IntArrayRef shape) {
    auto out = at::empty(with_replicas(placement_.replicas, shape), placement_.of(at::kFloat));
    placement_.kernels().normal(next(source, product(shape), product(shape)), out.data_ptr<float>(),
                                placement_.stream());
    return out;
}

at::Tensor Draws::randint(mneme_source& source, int64_t high, at::IntArrayRef shape) {
    if (high < 1 || high > (int64_t{1} << 32) - 1)
        throw Error("randint: high is " + std::to_string(high) + "; it must be 1 to 4294967295",
                    MNEME_ARGUMENT);
    auto out = at::empty(with_replicas(placement_.replicas, shape), placement_.of(at::kLong));
    placement_.kernels().randint(next(source, product(shape), product(shape)),
                                 static_cast<uint32_t>(high), out.data_ptr<int64_t>(),
                                 placement_.stream());
    return out;
}

at::Tensor Draws::permutation(mneme_source& source, int64_t n) {
    return order_of(next(source, n, n));
}

at::Tensor Draws::sample_without_replacement(const std::string& purpose, int64_t n, int64_t k) {
    k = std::min(k, n);
    auto out = at::empty({placement_.replicas, k}, placement_.of(at::kLong));
    placement_.kernels().sample_without_replacement(next(own(purpose), k, k), n,
                                                    out.data_ptr<int64_t>(), placement_.stream());
    return out;
}

at::Tensor Draws::permutation_at(const std::string& purpose, int64_t n,
                                 bench::PhiloxPlace place) const {
    const auto there = at::empty_like(place_);
    placement_.kernels().seek({on(there), place}, placement_.stream());
    return order_of(at_place(bench::purpose("mneme/" + purpose), there, place.call, n, n));
}

// bench::permutation is the reference.
at::Tensor Draws::order_of(const Draw& draw) const {
    auto bits = at::empty({draw.replicas, draw.count}, placement_.of(at::kLong));
    placement_.kernels().bits(draw, bits.data_ptr<int64_t>(), placement_.stream());
    return std::get<1>(at::sort(bits, true, 1, false)); // stable: of equal ones the first
}

void Draws::dropout(const char* purpose, double rate, int64_t count, int64_t stride, float* out) {
    const auto draw = next(own(purpose), count, stride);
    placement_.kernels().dropout(draw, static_cast<float>(rate), out, placement_.stream());
}

} // namespace mneme::host
