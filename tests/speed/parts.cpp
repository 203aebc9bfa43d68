// SPDX-License-Identifier: Apache-2.0
// What is compared: a training step, an evaluation.
#include "measure.hpp"
#include "sides.hpp"

namespace mneme::speed {
namespace {

// What no step can do without: its matrix products, into memory that is there already, and one pass
// over the weights.
class Floor final {
  public:
    explicit Floor(int64_t batch) {
        const int64_t widths[] = {pixels, width, width, classes};
        int64_t count = 0;
        for (int k = 0; k < 3; ++k) {
            w_.push_back(at::rand({widths[k + 1], widths[k]}));
            dw_.push_back(at::empty_like(w_.back()));
            count += w_.back().numel() + widths[k + 1];
        }
        for (const int64_t n : widths)
            h_.push_back(at::rand({batch, n})), dh_.push_back(at::rand({batch, n}));
        theta_ = at::rand({count}), g_ = at::rand({count});
    }
    void steps(int64_t count) {
        at::NoGradGuard plain;
        for (; count > 0; --count) {
            if (linear_) products(*linear_);
            else products();
            theta_.add_(g_, -rate);
        }
    }

  private:
    void products() {
        for (std::size_t k = 0; k < 3; ++k) at::mm_out(h_[k + 1], h_[k], w_[k].t());
        for (std::size_t k = 3; k-- > 0;) {
            at::mm_out(dw_[k], dh_[k + 1].t(), h_[k]);
            if (k > 0) at::mm_out(dh_[k], dh_[k + 1], w_[k]);
        }
    }
    void products(const bench::LinearKernels&
                      by) { // without biases; the way back passes once over what entered
        const auto on = [](const at::Tensor& t) { return t.data_ptr<float>(); };
        const auto size = [&](std::size_t k) {
            return bench::LinearSize{1, h_[k].size(0), w_[k].size(1), w_[k].size(0), 0};
        };
        for (std::size_t k = 0; k < 3; ++k)
            by.forward({size(k), on(h_[k]), 0, on(w_[k]), nullptr, nullptr, false, on(h_[k + 1])},
                       nullptr);
        for (std::size_t k = 3; k-- > 0;) {
            by.gradient({size(k), on(dh_[k + 1]), on(h_[k]), 0, on(dw_[k]), nullptr}, nullptr);
            if (k > 0)
                by.backward({size(k), on(dh_[k + 1]), on(w_[k]), on(h_[k]), nullptr, on(dh_[k])},
                            nullptr);
        }
    }

    const bench::LinearKernels* linear_ = host::cpu_linear_kernels();
    std::vector<at::Tensor> w_, dw_, h_, dh_;
    at::Tensor theta_, g_;
};

} // namespace

std::vector<Row> steps(const std::string& plugins, double effort) {
    const auto images = draw_images(20000, 1);
    const auto order = order_of(20000).select(0, 0);
    std::vector<Row> rows;
    for (const std::string id : {"finetune", "er", "ewc_online", "agem"})
        for (int64_t batch : {10, 128}) {
            if (id == "finetune")
                require_same_work(plugins, images, mlp_layout(), bare_mlp, 100, batch, 1e-4);
            Harness ours(plugins, id, images, 2);
            Bare bare(ours.network(), ours.theta(), images, bare_mlp);
            ours.begin_task(0);
            if (id != "finetune") { // these differ from the second task on
                ours.train(100, batch);
                ours.end_task();
                ours.begin_task(1);
            }
            const int64_t count = batch == 10 ? 50 : 20;
            auto row = by_turns(
                id + " step, batch " + std::to_string(batch), "us",
                1e6 / static_cast<double>(count), static_cast<int64_t>(60 * effort) + 1,
                [&] { return timed([&] { ours.train(count, batch); }); },
                [&] { return timed([&] { bare.train(order, count, batch); }); });
            if (id == "finetune") row.target = 1.10;
            rows.push_back(row);
            if (id != "finetune") continue;
            Floor floor(batch);
            row = by_turns(
                "finetune step over its floor, batch " + std::to_string(batch), "us",
                1e6 / static_cast<double>(count), static_cast<int64_t>(60 * effort) + 1,
                [&] { return timed([&] { ours.train(count, batch); }); },
                [&] { return timed([&] { floor.steps(count); }); });
            row.target = batch == 10 ? 1 / 0.6 : 1 / 0.8;
            rows.push_back(row);
        }
    return rows;
}

std::vector<Row> evaluation(const std::string& plugins, double effort) {
    constexpr int64_t tasks = 20, kept = 4; // as many sets as no cache holds
    std::vector<Images> sets;
    std::vector<at::Tensor> floats;
    for (uint32_t k = 0; k < kept; ++k) {
        sets.push_back(draw_images(10000, k + 2));
        floats.push_back(sets.back().x.to(at::kFloat).div_(255));
    }
    Harness ours(plugins, "finetune", sets[0], tasks);
    Bare bare(ours.network(), ours.theta(), sets[0], bare_mlp);
    ours.begin_task(0);
    at::NoGradGuard plain;
    int64_t task = 0, passed = 0;
    // A block is one task of the twenty. The learner's state is kept before the first and held to
    // that after the last, as in a run.
    auto row = by_turns(
        "evaluation, 10,000 images a task", "ms", 1e3,
        tasks * (static_cast<int64_t>(2 * effort) + 1),
        [&] {
            return timed([&] {
                if (task % tasks == 0) ours.keep_state();
                ours.evaluate(sets[static_cast<std::size_t>(task % kept)]);
                if (++task % tasks == 0) ours.hold_to_state();
            });
        },
        [&] {
            return timed([&] {
                const auto& x = floats[static_cast<std::size_t>(passed++ % kept)];
                for (int64_t start = 0; start < x.size(0); start += 1000)
                    bare.logits(x.narrow(0, start, 1000));
            });
        });
    row.target = 1.10;
    return {row};
}

} // namespace mneme::speed
