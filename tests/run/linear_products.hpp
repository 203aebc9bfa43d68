// SPDX-License-Identifier: Apache-2.0
// Kernels for linear layers (benchmarks/linear.hpp), wherever they run, against LibTorch's
// operators in float64. Include a catch before.
#pragma once

#include <ATen/ATen.h>

#include <benchmarks/linear.hpp>
#include <benchmarks/network.hpp>

namespace mneme::test {

inline bool near(const at::Tensor& a, const at::Tensor& b) {
    return (a.to(at::kCPU).to(at::kDouble) - b).norm().item<double>() <=
           3e-6 * b.norm().item<double>();
}

inline void check_linear_products(const bench::LinearKernels& kernels, at::Device device) {
    at::manual_seed(9);
    for (const auto& [inputs, hidden] : std::vector<std::pair<int64_t, std::vector<int64_t>>>{
             {784, {256, 256}}, {7, {33, 20}}, {3, {2}}, {64, {}}})
        for (int64_t rows : {1, 10, 33, 200, 1000})
            for (bool shared : {false, true}) {
                INFO(inputs << " inputs, " << rows << " rows, shared " << shared);
                bench::NetworkSpec spec;
                spec.kind = "mlp", spec.hidden = hidden;
                const auto reference = bench::make_network(spec, {inputs}, 10),
                           own = bench::make_network(spec, {inputs}, 10);
                own->use(kernels);
                const int64_t replicas = 3;
                std::vector<at::Tensor> first;
                for (int64_t s = 0; s < replicas; ++s) first.push_back(reference->initial(s));
                const auto theta = at::stack(first), cotangent = at::randn({replicas, rows, 10});
                const auto x = at::rand(shared ? std::vector<int64_t>{rows, inputs}
                                               : std::vector<int64_t>{replicas, rows, inputs});
                std::vector<at::Tensor> masks;
                for (int64_t width : hidden)
                    masks.push_back((at::rand({replicas, rows, width}) < 0.8).to(at::kFloat) / 0.8);
                const auto both = [&](bool exact, int64_t begin,
                                      int64_t count) { // the gradient, and what it starts from
                    const at::Device on = exact ? at::Device(at::kCPU) : device;
                    const auto type = exact ? at::kDouble : at::kFloat;
                    const auto part = [&](const at::Tensor& t) {
                        return t.narrow(0, begin, count).to(on, type);
                    };
                    const auto drop = [&](int64_t layer, at::IntArrayRef) {
                        return part(masks[static_cast<std::size_t>(layer)]);
                    };
                    at::Tensor logits;
                    auto gradient =
                        (exact ? reference : own)
                            ->gradient({part(theta), {}}, shared ? x.to(on, type) : part(x),
                                       bench::Mode::train, drop, [&](const at::Tensor& given) {
                                           return logits = given.clone(), part(cotangent) * given;
                                       });
                    return std::pair(gradient, logits);
                };
                const auto [gradient, logits] = both(false, 0, replicas);
                const auto [wanted_gradient, wanted_logits] = both(true, 0, replicas);
                CHECK(near(logits, wanted_logits));
                if (rows <= 200)
                    CHECK(near(gradient, wanted_gradient)); // of more, one entry near 0 can pass
                                                            // its ReLU in one type alone
                for (int64_t s = 0; s < replicas;
                     ++s) { // a replica's bits are those of its seed alone
                    const auto [own_gradient, own_logits] = both(false, s, 1);
                    CHECK(at::equal(logits.narrow(0, s, 1), own_logits));
                    CHECK(at::equal(gradient.narrow(0, s, 1), own_gradient));
                }
            }
}

} // namespace mneme::test
