// SPDX-License-Identifier: Apache-2.0
// A method for proofs: it asks the host for every service of SDK 1.0 at least once, and what comes back goes into the weights.
//
//   theta <- theta - lr (g + small things)
#include <mneme/autograd.hpp>
#include <mneme/fisher.hpp>
#include <mneme/mneme.hpp>
#include <mneme/penalty.hpp>
#include <mneme/products.hpp>
#include <mneme/select.hpp>

namespace {

using mneme::Mode;
using mneme::Tensor;

class Corners final : public mneme::Learner {
  public:
    explicit Corners(mneme::Setup& s)
        : Learner(s), pull_(s.options.number("pull", 0.01, {.min = 0}, "weight of the penalty")),
          share_(s.options.real("share", 0.5, {.max = 1, .above = 0}, "of the examples")),
          rows_(s.options.count("rows", 9, {.min = 1, .max = 100}, "examples of a draw")),
          of_(s.options.choice("of", {"loss", "logits_norm"}, "what is squared")),
          on_(s.options.flag("on", true, "whether to train")), noise_(s.random("noise")),
          fisher_(s), descend_(s.optimizer({.lr = 0.05, .batch_size = 7, .momentum = 0.5})),
          importance_(zeros_like(weights().theta)), star_(weights().theta.clone()),
          path_(importance_.clone()), real_(net().real()) {
        for (const auto& l : net().layers())
            fan_in_ += l.fan_in * (l.kind == mneme::LayerKind::weight ? 1 : 0);
        for (const auto size : net().groups()) fan_in_ += size;
        mneme::log(
            "corners: parameters, columns, classes",
            Tensor::of(std::vector<int64_t>{net().parameters(), net().columns(), net().classes()},
                       {3}));
    }

    void begin_task(const mneme::Task& task) override {
        descend_.begin(task);
        first_ = task.first() ? 1.0 : 0.0;
    }
    std::vector<mneme::Phase> phases(const mneme::Task& task) const override {
        if (task.last()) return {{.name = "alone"}, {.name = "pair", .companion = true}};
        return {{.name = "pair", .companion = true}};
    }
    void begin_phase(const mneme::Phase& phase) override { length_ = phase.length(); }

    void observe(const mneme::Batch& batch) override {
        if (!on_) return;
        auto g = net().gradient(weights(), batch);
        g += 1e-3 * own_gradient(batch);
        descend_(weights(), g,
                 {.importance = importance_,
                  .anchor = star_,
                  .strength = pull_,
                  .clip = 0.5,
                  .mask = real_,
                  .path = path_});
        steps_ += 1;
    }
    void observe_with(const mneme::Batch& batch, const mneme::Batch& companion) override {
        observe(concat(batch, companion));
        noise_sum_ += noise_.normal({2})
                          .sum(); // one draw a statement: the order of operands is the compiler's
        noise_sum_ += noise_.uniform({3}).sum();
    }
    void end_phase(const mneme::Phase&) override { length_ = 0; }

    void end_task(const mneme::Task& task) override {
        for (auto [batch, share] : task.train().batches(
                 static_cast<int64_t>(share_ * static_cast<double>(task.train().size())), 11)) {
            const auto of = of_ == "loss" ? mneme::Of::loss : mneme::Of::logits_norm;
            importance_.add_(net().per_sample(weights(), batch, of, mneme::Reduce::square), share);
        }
        importance_ += fisher_(net(), weights(), task);
        importance_ *=
            1 + largest_of(importance_, net().parameters() / 2).to(mneme::DType::float32);
        star_.copy_(weights().theta);
        const auto [along, square] = products(importance_, star_);
        kept_.push_back(along / square);
        auto slots = task.train().sample(rows_);
        const auto rows = task.train().sample(rows_);
        put_rows(slots, rows.y, rows);
        kept_.push_back(net().features(weights(), slots.x, Mode::eval).mean(1));
        drawn_ = noise_.permutation(rows_);
        drawn_ += noise_.integers(100, {rows_});
        mean_ = task.train().per_class(2).x.mean(-1).sum().item();
    }

    void state(mneme::State& s) override {
        Learner::state(s);
        s("descend", descend_);
        s("importance", importance_);
        s("star", star_);
        s("path", path_);
        s("kept", kept_);
        s("drawn", drawn_);
        s("noise", noise_sum_);
        s("steps", steps_);
        s("mean", mean_);
        s("first", first_);
        s("~length", length_);
        s("fan_in", fan_in_);
    }

  private:
    // Of a loss that the network does not offer: the entropy of the predictions, over the batch's own head.
    Tensor own_gradient(const mneme::Batch& batch) const {
        return mneme::gradients({weights().theta}, [&](const std::vector<Tensor>& leaf) {
            const auto z = net()
                               .logits(at(leaf[0]), batch.x, Mode::batch_stats)
                               .masked_fill(!net().head(batch.task), -1e9);
            auto value = net().losses(z, batch).mean(1); // and what is recorded first
            const auto p = z.softmax(-1);
            value = value + (p * z.log_softmax(-1)).sum(-1).mean(1);
            return value + net().loss(at(leaf[0]), batch, Mode::eval);
        })[0];
    }

    const Tensor pull_; // [S, 1]
    const double share_;
    const int64_t rows_;
    const std::string of_;
    const bool on_;
    mneme::Random noise_;
    const mneme::Fisher fisher_;
    mneme::Optimizer descend_;
    Tensor importance_, star_, path_; // [S, P]
    const Tensor real_;               // [1, P] bool
    Tensor drawn_, noise_sum_ = Tensor::of(std::vector<float>{0}, {1});
    std::vector<Tensor> kept_;
    int64_t steps_ = 0, length_ = 0, fan_in_ = 0;
    double mean_ = 0, first_ = 0;
};

} // namespace

MNEME_METHOD(Corners, "corners", "asks the host for every service once", "")
