// SPDX-License-Identifier: Apache-2.0
// A method for proofs: it asks the host for the services that came with the last candidate of 1.0,
// and what comes back goes into the weights.
//
//   theta <- theta - lr (gradient of a loss of its own + small things)
#include <mneme/augment.hpp>
#include <mneme/gradients.hpp>
#include <mneme/layer_inputs.hpp>
#include <mneme/losses.hpp>
#include <mneme/mneme.hpp>

namespace {

using mneme::Tensor;

class Services final : public mneme::Learner {
  public:
    explicit Services(mneme::Setup& s)
        : Learner(s), memory_(s, {"balanced", "reservoir"}, 4),
          scale_(s.options.text("scale", "one", "a word") == "one" ? 1 : 2),
          views_(s.random("views")),
          norm_(s.diagnostic("norm", "1", "of the inputs of each layer", 2)),
          descend_(s.optimizer({.lr = 0.05, .batch_size = 7, .momentum = 0})),
          facts_(s.run.features + s.run.tasks.value_or(0) +
                 static_cast<int64_t>(s.run.input_shape.size()) +
                 static_cast<int64_t>(s.run.scenario)),
          sums_(mneme::zeros({s.replicas, 2})), head_(net().head_columns()) {
        memory_.keep(net().classes());
    }

    void begin_task(const mneme::Task& task) override {
        descend_.begin(task);
        memory_.start(task);
    }
    void begin_epoch(const mneme::Phase&, int64_t epoch) override {
        descend_.set_rate(descend_.rate() / (epoch + 1));
    }

    void observe(const mneme::Batch& batch) override {
        Tensor logits;
        auto g = mneme::gradient(net(), weights(), batch, [&](const Tensor& f) {
            logits = f.clone();
            return mneme::loss_cotangent(net(), f, batch) + 1e-3 * mneme::sigmoid(f);
        });
        g += 1e-3 * gradients_of_rows(net(), weights(), batch).mean(1);
        g += 1e-3 * g * head_ * scale_;
        const auto at = memory_.draw();
        const auto stored = memory_.at(at);
        g += 1e-3 * net().gradient(weights(), stored, mneme::Mode::batch_stats);
        const auto inputs = layer_inputs(net(), weights(), augmented(views_, batch.x));
        for (int64_t k = 0; k < 2; ++k)
            sums_.narrow(1, k, 1).add_(
                inputs[static_cast<std::size_t>(k)].square().sum(-1).sum(1, mneme::keepdim));
        report_loss(net(), mneme::binary_cross_entropy(logits, logits * 0).sum(-1), batch);
        descend_(weights(), g);
        memory_.add(batch.as_stored(), {logits});
        memory_.set_own(at, memory_.own_at(at) * 0.5);
    }
    void end_phase(const mneme::Phase&) override { norm_(sums_ * static_cast<double>(facts_)); }

    void state(mneme::State& s) override {
        Learner::state(s);
        s("descend", descend_);
        s("memory", memory_);
        s("sums", sums_);
    }

  private:
    mneme::ReplayMemory memory_;
    const int64_t scale_;
    const mneme::Random views_;
    const mneme::Diagnostic norm_;
    mneme::Optimizer descend_;
    const int64_t facts_;
    Tensor sums_; // [S, 2]
    const Tensor head_;
};

} // namespace

MNEME_METHOD(Services, "services", "asks the host for each of the newer services", "")
