// SPDX-License-Identifier: Apache-2.0
// The GPU draws the CPU's random numbers, and stands where the CPU stands.
#include "both.hpp"

#include <benchmarks/network.hpp>
#include <benchmarks/random.hpp>

#include "host/session.hpp"

using namespace mneme::host;
using mneme::bench::PhiloxPlace;
using mneme::test::Both;

namespace {

PhiloxPlace* place_in(const at::Tensor& place) {
    return reinterpret_cast<PhiloxPlace*>(place.data_ptr<int32_t>());
}

Draw draw(const at::Tensor& seeds, const at::Tensor& place, int64_t count, int64_t stride) {
    return {reinterpret_cast<const uint32_t*>(seeds.data_ptr<int32_t>()),
            0xC0FFEE,
            place_in(place),
            3,
            seeds.size(0),
            count,
            stride};
}

struct DevicePlace : Both { // where the draws are made, put there by the kernel that is to put it
    explicit DevicePlace(PhiloxPlace at) : Both(at::zeros({3}, at::kInt)) {
        cpu_kernels.seek({place_in(cpu), at}, nullptr);
        cuda_kernels().seek({place_in(gpu), at}, cuda_stream());
    }
};

const int64_t sizes[] = {1, 3, 4, 5, 255, 257, 100003};

} // namespace

TEST_CASE("the GPU draws the CPU's numbers", "[gpu]") {
    mneme::test::need_gpu();
    const DevicePlace place({0, 1234567, 5 * 256 + 1});
    CHECK(place.equal());
    for (int64_t n : sizes)
        for (int64_t replicas : {1, 3}) {
            INFO(n << " numbers, " << replicas << " replicas");
            const Both seeds(at::tensor(std::vector<int32_t>{1, -7, 2000000000}, at::kInt)
                                 .narrow(0, 0, replicas));
            const int64_t stride = n + 2;
            Both real(at::zeros({replicas, stride})),
                whole(at::zeros({replicas, stride}, at::kLong));
            const auto here = draw(seeds.cpu, place.cpu, n, stride),
                       there = draw(seeds.gpu, place.gpu, n, stride);
            cpu_kernels.uniform(here, real.cpu.data_ptr<float>(), nullptr);
            cuda_kernels().uniform(there, real.gpu.data_ptr<float>(), cuda_stream());
            CHECK(real.equal());
            cpu_kernels.normal(here, real.cpu.data_ptr<float>(), nullptr);
            cuda_kernels().normal(there, real.gpu.data_ptr<float>(), cuda_stream());
            CHECK(real.equal());
            cpu_kernels.dropout(here, 0.3f, real.cpu.data_ptr<float>(), nullptr);
            cuda_kernels().dropout(there, 0.3f, real.gpu.data_ptr<float>(), cuda_stream());
            CHECK(real.equal());
            cpu_kernels.randint(here, 4000000000u, whole.cpu.data_ptr<int64_t>(), nullptr);
            cuda_kernels().randint(there, 4000000000u, whole.gpu.data_ptr<int64_t>(),
                                   cuda_stream());
            CHECK(whole.equal());
            CHECK(whole.cpu.narrow(1, n, 2).eq(0).all().item<bool>()); // nothing past the row's end
            cpu_kernels.bits(here, whole.cpu.data_ptr<int64_t>(), nullptr);
            cuda_kernels().bits(there, whole.gpu.data_ptr<int64_t>(), cuda_stream());
            CHECK(whole.equal());
        }
}

TEST_CASE("where a recorded step reads its rows is filled alike", "[gpu]") {
    mneme::test::need_gpu();
    const Both order(at::randint(1 << 20, {3, 1000}, at::kLong));
    for (int64_t rows : {1, 10, 300})
        for (int64_t replicas : {1, 3}) {
            Both place(at::zeros({3}, at::kInt)), to(at::zeros({replicas, rows}, at::kLong));
            const auto seek = [&](bool gpu) {
                const auto of = [&](const Both& b) -> const at::Tensor& {
                    return gpu ? b.gpu : b.cpu;
                };
                return Seek{place_in(of(place)),
                            {0, 7, 513},
                            of(order).data_ptr<int64_t>() + 20,
                            1000,
                            of(to).data_ptr<int64_t>(),
                            replicas,
                            rows};
            };
            cpu_kernels.seek(seek(false), nullptr);
            cuda_kernels().seek(seek(true), cuda_stream());
            CHECK(place.equal());
            CHECK(to.equal());
            CHECK(at::equal(to.cpu, order.cpu.narrow(0, 0, replicas).narrow(1, 20, rows)));
        }
}

TEST_CASE("the GPU draws the CPU's permutations, those of a recorded step, too", "[gpu]") {
    mneme::test::need_gpu();
    mneme::bench::NetworkSpec spec;
    spec.kind = "mlp";
    const auto network = mneme::bench::make_network(spec, {3}, 2);
    const std::vector<int64_t> seeds{1, 7};
    Session session(*network, seeds, {"domain", false, 2, {{0, 1}}}, at::zeros({256}), at::kCUDA);
    Session::Scope scope(session);
    auto& source = *session.draws().open("any");
    const auto check = [&](const at::Tensor& drawn, const std::string& purpose, PhiloxPlace place) {
        for (int64_t s = 0; s < 2; ++s) {
            const auto seed = static_cast<uint32_t>(seeds[static_cast<std::size_t>(s)]);
            auto wanted = mneme::bench::permutation(drawn.size(1),
                                                    {seed, mneme::bench::purpose(purpose)}, place);
            CHECK(at::equal(drawn[s].to(at::kCPU),
                            at::from_blob(wanted.data(), {drawn.size(1)}, at::kLong)));
        }
    };
    for (int64_t n : {1, 2, 100, 3000, 60000}) {
        INFO(n << " elements");
        check(session.draws().permutation_at("order", n, {0, 5, 256}), "mneme/order", {0, 5, 256});
        session.draws().seek({2, 1, 40});
        check(session.draws().permutation(source, n), "plugin/any", {0, 40, 513});
        at::Tensor drawn;
        const auto graph = cuda_graph();
        session.draws().seek({2, 1, 41});
        graph->record([&] { drawn = session.draws().permutation(source, n); });
        for (uint32_t step : {41u, 90u}) {
            session.draws().seek({2, 1, step});
            graph->play();
            check(drawn, "plugin/any", {0, step, 513});
        }
    }
}

TEST_CASE("the GPU draws the CPU's few of many", "[gpu]") {
    mneme::test::need_gpu();
    const DevicePlace place({0, 77, 256});
    for (int64_t count : {1, 10, 64})
        for (int64_t of : {64, 65, 60000}) {
            INFO(count << " of " << of);
            const Both seeds(at::arange(40, at::kInt));
            Both drawn(at::zeros({40, count}, at::kLong));
            cpu_kernels.sample_without_replacement(draw(seeds.cpu, place.cpu, count, count), of,
                                                   drawn.cpu.data_ptr<int64_t>(), nullptr);
            cuda_kernels().sample_without_replacement(draw(seeds.gpu, place.gpu, count, count), of,
                                                      drawn.gpu.data_ptr<int64_t>(), cuda_stream());
            CHECK(drawn.equal());
        }
}
