// SPDX-License-Identifier: Apache-2.0
// Every kernel on the GPU against its reference on the CPU, at odd sizes.
#include "both.hpp"

#include "linear_products.hpp"

using namespace mneme::host;
using mneme::test::Both;

TEST_CASE("rows are gathered alike", "[gpu]") {
    mneme::test::need_gpu();
    for (int64_t width : {1, 7, 784}) {
        const Both x(at::randint(256, {2, 50, width}, at::kByte)),
            at_rows(at::randint(50, {2, 13}, at::kLong)),
            table(at::arange(256, at::kFloat) / 255 - 0.3);
        Both out(at::zeros({2, 13, width}));
        cpu_kernels.gather(
            {out.cpu.data_ptr<float>(), x.cpu.data_ptr<uint8_t>(), 50 * width,
             at_rows.cpu.data_ptr<int64_t>(), 13, 2, 13, width, table.cpu.data_ptr<float>()},
            nullptr);
        cuda_kernels().gather(
            {out.gpu.data_ptr<float>(), x.gpu.data_ptr<uint8_t>(), 50 * width,
             at_rows.gpu.data_ptr<int64_t>(), 13, 2, 13, width, table.gpu.data_ptr<float>()},
            cuda_stream());
        CHECK(out.equal());
        CHECK(out.cpu[1][12][width - 1].item<float>() ==
              table.cpu[x.cpu[1][at_rows.cpu[1][12].item<int64_t>()][width - 1].item<int64_t>()]
                  .item<float>());
    }
}

TEST_CASE("labels are gathered alike", "[gpu]") {
    mneme::test::need_gpu();
    for (int64_t positions : {1, 3}) { // each replica has its own, or all share one row
        const Both y(at::arange(50, at::kLong) * 3), task(at::arange(50, at::kLong) % 4),
            at_rows(at::randint(50, {positions, 13}, at::kLong));
        Both y_out(at::zeros({3, 13}, at::kLong)), task_out(at::zeros({3, 13}, at::kLong));
        const auto labels = [&](bool gpu) {
            const auto on = [&](const Both& b) {
                return (gpu ? b.gpu : b.cpu).data_ptr<int64_t>();
            };
            return Gather{
                nullptr,   nullptr, 0, on(at_rows), positions == 1 ? 0 : 13,
                positions, 13,      1, nullptr,     {on(y), on(task), on(y_out), on(task_out), 3}};
        };
        cpu_kernels.gather(labels(false), nullptr);
        cuda_kernels().gather(labels(true), cuda_stream());
        CHECK(y_out.equal());
        CHECK(task_out.equal());
        CHECK(y_out.cpu[2][12].item<int64_t>() ==
              3 * at_rows.cpu[positions - 1][12].item<int64_t>());
    }
}

TEST_CASE("the softmax cross-entropy is alike", "[gpu]") {
    mneme::test::need_gpu();
    at::manual_seed(7);
    for (int64_t rows : {1, 10, 33, 200})
        for (int64_t classes : {2, 10, 150})
            for (int masked : {0, 1, 2}) { // no mask, one for all, one of four for each row
                INFO(rows << " rows, " << classes << " classes, mask " << masked);
                const auto open =
                    at::cat({at::ones({4, 1}, at::kBool), at::rand({4, classes - 1}) < 0.6}, 1);
                const Both logits(at::randn({3, rows, classes}) * 5), counts(open),
                    count_of(at::randint(4, {3, rows}, at::kLong)),
                    labels(at::zeros({3, rows}, at::kLong)),
                    weight(at::rand({3, rows}).mul_(at::rand({3, rows}) < 0.8));
                Both cotangent(at::zeros({3, rows, classes})), sum(at::ones({3}, at::kDouble)),
                    total(at::ones({3}, at::kDouble));
                const auto of = [&](bool gpu) {
                    const auto on = [&](const Both& b) -> const at::Tensor& {
                        return gpu ? b.gpu : b.cpu;
                    };
                    return CrossEntropy{on(logits).data_ptr<float>(),
                                        masked ? on(counts).data_ptr<bool>() : nullptr,
                                        masked == 2 ? on(count_of).data_ptr<int64_t>() : nullptr,
                                        on(labels).data_ptr<int64_t>(),
                                        on(weight).data_ptr<float>(),
                                        on(cotangent).data_ptr<float>(),
                                        3,
                                        rows,
                                        classes,
                                        (rows + 1) / 2,
                                        on(sum).data_ptr<double>(),
                                        on(total).data_ptr<double>()};
                };
                cpu_kernels.cross_entropy(of(false), nullptr);
                cuda_kernels().cross_entropy(of(true), cuda_stream());
                CHECK(at::allclose(cotangent.cpu, cotangent.gpu.to(at::kCPU), 1e-5, 1e-7));
                CHECK(at::allclose(sum.cpu, sum.gpu.to(at::kCPU), 1e-5, 1e-6));
                CHECK(at::allclose(total.cpu, total.gpu.to(at::kCPU), 1e-12, 0));
            }
}

TEST_CASE("steps of the optimisers are alike", "[gpu]") {
    mneme::test::need_gpu();
    for (int64_t columns : {1, 17, 1001, 5000})
        for (bool masked : {false, true})
            for (bool carries : {false, true}) {
                INFO(columns << " columns, mask " << masked << ", penalty and path " << carries);
                at::manual_seed(5);
                Both theta(at::randn({3, columns})), v(at::randn({3, columns})),
                    second(at::rand({3, columns})), path(at::rand({3, columns}));
                const Both g(at::randn({3, columns})),
                    lr(at::full({3, 1}, 0.01) + at::rand({3, 1})), decay(at::rand({3, 1})),
                    mask(at::rand({3, columns}) < 0.5), steps(at::full({3, 1}, 4.0)),
                    importance(at::rand({3, columns})), anchor(at::randn({3, columns})),
                    strength(at::rand({3, 1}));
                const auto on = [](bool gpu, const Both& b) {
                    return (gpu ? b.gpu : b.cpu).data_ptr<float>();
                };
                const auto with = [&](bool gpu) {
                    if (!carries) return Carried{};
                    return Carried{on(gpu, importance), on(gpu, anchor), on(gpu, strength), 0.3f,
                                   on(gpu, path),       nullptr};
                };
                const auto moves = [&](bool gpu) {
                    return masked ? (gpu ? mask.gpu : mask.cpu).data_ptr<bool>() : nullptr;
                };
                const auto sgd = [&](bool gpu) {
                    return SgdStep{on(gpu, theta), on(gpu, v), on(gpu, g), on(gpu, lr),
                                   on(gpu, decay), moves(gpu), 0.9f,       3,
                                   columns,        with(gpu)};
                };
                cpu_kernels.sgd(sgd(false), nullptr);
                cuda_kernels().sgd(sgd(true), cuda_stream());
                CHECK(theta.equal());
                CHECK(v.equal());
                CHECK(path.equal());
                const auto adam = [&](bool gpu, bool decoupled) {
                    return AdamStep{on(gpu, theta),
                                    on(gpu, v),
                                    on(gpu, second),
                                    on(gpu, g),
                                    on(gpu, lr),
                                    on(gpu, decay),
                                    on(gpu, steps),
                                    moves(gpu),
                                    0.9f,
                                    0.999f,
                                    1e-8f,
                                    decoupled,
                                    3,
                                    columns,
                                    with(gpu)};
                };
                for (bool decoupled : {false, true}) {
                    cpu_kernels.adam(adam(false, decoupled), nullptr);
                    cuda_kernels().adam(adam(true, decoupled), cuda_stream());
                    CHECK(at::allclose(theta.cpu, theta.gpu.to(at::kCPU), 1e-6,
                                       1e-7)); // pow() has a last bit of its own there
                    CHECK(at::allclose(path.cpu, path.gpu.to(at::kCPU), 1e-5, 1e-6));
                }
            }
}

TEST_CASE("a linear layer's products are LibTorch's, and a replica's are those of its seed alone",
          "[gpu]") {
    mneme::test::need_gpu();
    auto kernels = cuda_linear_kernels();
    kernels.most_rows = 0; // where LibTorch's operators would be taken, too
    mneme::test::check_linear_products(kernels, at::kCUDA);
}

TEST_CASE("rows are put into slots alike, the last of those that want one", "[gpu]") {
    mneme::test::need_gpu();
    at::manual_seed(3);
    for (int64_t rows : {1, 10, 700}) // more rows than a block has threads
        for (int64_t width : {1, 7, 784})
            for (bool shared : {false, true}) {
                constexpr int64_t replicas = 3, slots = 40;
                INFO(rows << " rows of " << width << (shared ? ", shared" : ""));
                const auto whole = [&](int64_t n) {
                    return at::randint(1000, {replicas, n}, at::kLong);
                };
                const Both x(shared ? at::randn({rows, width})
                                    : at::randn({replicas, rows, width})),
                    y(whole(rows)), task(whole(rows)), weight(at::rand({replicas, rows})),
                    slot(at::randint(-5, slots + 5, {replicas, rows}, at::kLong));
                Both to_x(at::randn({replicas, slots, width})), to_y(whole(slots)),
                    to_task(whole(slots)), to_weight(at::rand({replicas, slots}));
                const auto of = [&](bool gpu) {
                    const auto real = [&](const Both& b) {
                        return (gpu ? b.gpu : b.cpu).data_ptr<float>();
                    };
                    const auto integer = [&](const Both& b) {
                        return (gpu ? b.gpu : b.cpu).data_ptr<int64_t>();
                    };
                    return PutRows{{real(to_x), integer(to_y), integer(to_task), real(to_weight)},
                                   {real(x), shared ? 0 : rows * width, integer(y), integer(task),
                                    real(weight)},
                                   integer(slot),
                                   replicas,
                                   rows,
                                   slots,
                                   width};
                };
                cpu_kernels.put_rows(of(false), nullptr);
                cuda_kernels().put_rows(of(true), cuda_stream());
                for (const auto* part : {&to_x, &to_y, &to_task, &to_weight}) CHECK(part->equal());
            }
}

TEST_CASE("products of rows are alike, and the same twice", "[gpu]") {
    mneme::test::need_gpu();
    at::manual_seed(11);
    for (int64_t columns : {1, 5, 64, 2047, 2052, 100003, 269324}) {
        INFO(columns << " columns");
        constexpr int64_t replicas = 3;
        const Both b(at::randn({replicas, columns})),
            a(b.cpu * at::rand({replicas, columns})); // no sum near 0
        Both ab(at::zeros({replicas})), bb(at::zeros({replicas}));
        const auto parts =
            at::empty({replicas, products_parts(columns), 2}, a.gpu.options().dtype(at::kDouble));
        const auto there = [&](int64_t s, int64_t count) {
            cuda_kernels().products(
                {a.gpu.data_ptr<float>() + s * columns, b.gpu.data_ptr<float>() + s * columns,
                 ab.gpu.data_ptr<float>() + s, bb.gpu.data_ptr<float>() + s, count, columns,
                 parts.data_ptr<double>()},
                cuda_stream());
        };
        cpu_kernels.products(
            {a.cpu.data_ptr<float>(), b.cpu.data_ptr<float>(), ab.cpu.data_ptr<float>(),
             bb.cpu.data_ptr<float>(), replicas, columns},
            nullptr);
        there(0, replicas);
        CHECK(at::allclose(ab.cpu, ab.gpu.to(at::kCPU), 1e-6, 1e-7));
        CHECK(at::allclose(bb.cpu, bb.gpu.to(at::kCPU), 1e-6, 1e-7));
        const auto first_ab = ab.gpu.clone(), first_bb = bb.gpu.clone();
        for (int64_t s = 0; s < replicas; ++s) there(s, 1); // a replica alone
        CHECK(at::equal(first_ab, ab.gpu));
        CHECK(at::equal(first_bb, bb.gpu));
        there(0, replicas);
        CHECK(at::equal(first_ab, ab.gpu));
        CHECK(at::equal(first_bb, bb.gpu));
    }
}
