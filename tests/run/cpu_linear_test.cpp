// SPDX-License-Identifier: Apache-2.0
// The products of linear layers on a CPU, where oneDNN is on the machine.
#include "torch_catch.hpp"

#include "linear_products.hpp"

#include "cases.hpp"
#include "host/kernels.hpp"

TEST_CASE(
    "a linear layer's products by oneDNN are LibTorch's, and a replica's are those of its seed "
    "alone",
    "[run]") {
    const auto* linear = mneme::host::cpu_linear_kernels();
    if (!linear) mneme::test::skip("oneDNN (libdnnl) is not on this machine");
    CHECK(mneme::host::cpu_linear_library().rfind("onednn ", 0) == 0);
    mneme::test::check_linear_products(*linear, at::kCPU);
}

TEST_CASE("the results say who makes the products of linear layers", "[run]") {
    using namespace mneme::test;
    const auto library = mneme::host::cpu_linear_library();
    const auto block = run(cell("finetune", small_stream(), {1}))[0];
    const auto blas = block.provenance.begin()->second.at("blas");
    CHECK((blas.find(", linear layers by ") != blas.npos) == !library.empty());
    CHECK(blas.ends_with(library));
}

TEST_CASE("an entry that is no number stays none behind a ReLU of oneDNN's layers", "[run]") {
    const auto* linear = mneme::host::cpu_linear_kernels();
    if (!linear) mneme::test::skip("oneDNN (libdnnl) is not on this machine");
    mneme::bench::NetworkSpec spec;
    spec.kind = "mlp", spec.hidden = {8};
    const auto network = mneme::bench::make_network(spec, {4}, 3);
    network->use(*linear);
    auto x = at::rand({2, 4});
    x[1][2] = std::nan("");
    const auto logits =
        network->logits({network->initial(1).unsqueeze(0), {}}, x, mneme::bench::Mode::eval, {});
    CHECK(at::isfinite(logits.select(1, 0)).all().item<bool>());
    CHECK(at::isnan(logits.select(1, 1)).all().item<bool>());
}
