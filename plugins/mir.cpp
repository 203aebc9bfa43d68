// SPDX-License-Identifier: Apache-2.0
// Maximally Interfered Retrieval. Aljundi et al. 2019, arXiv:1908.04742, section 3.1, ER-MIR.
//
//   theta^v = theta - lr dL(B)/dtheta                                    a step on the batch alone
//   s(x) = l(x; theta^v) - l(x; theta)                                   for each of C candidates
//   theta <- theta - lr d/dtheta  mean of l over B and the memory_batch candidates of largest s
//
// Candidates are drawn at random from a reservoir, at once. The two losses and the virtual step are
// taken without dropout; the virtual step is plain descent at the task's rate, whatever [train]'s
// optimiser is.
#include <mneme/augment.hpp>
#include <mneme/mneme.hpp>

namespace {

class Mir final : public mneme::Learner {
  public:
    explicit Mir(mneme::Setup& s)
        : Learner(s), candidates_(s.options.count("candidates", 50, {.min = 1},
                                                  "C, stored examples whose losses are compared")),
          memory_(s, {"reservoir"}, 10), view_(s.random("memory_view")),
          descend_(s.optimizer({.lr = 0.05, .batch_size = 10, .momentum = 0})) {}

    void begin_task(const mneme::Task& task) override {
        descend_.begin(task);
        memory_.start(task);
    }

    void observe(const mneme::Batch& batch) override {
        auto rows = memory_.at(interfered(batch));
        rows.x = augmented(view_, rows.x);
        descend_(weights(), net().gradient(weights(), concat(batch, rows)));
        memory_.add(batch.as_stored());
    }

    void state(mneme::State& s) override {
        Learner::state(s);
        s("memory", memory_);
        s("descend", descend_);
    }

  private:
    mneme::Tensor interfered(const mneme::Batch& batch) const { // positions [S, memory_batch]
        constexpr auto mode = mneme::Mode::batch_stats;
        const auto at_random = memory_.draw(candidates_);
        const auto rows = memory_.at(at_random);
        const auto g = net().gradient(weights(), batch, mode);
        const auto before = net().losses(net().logits(weights(), rows.x, mode), rows);
        const auto virtual_step = at(weights().theta - descend_.rate() * g);
        const auto after = net().losses(net().logits(virtual_step, rows.x, mode), rows);
        const auto s = (after - before).masked_fill(rows.weight <= 0, -1e30);
        return at_random.gather(1, s.topk(std::min(memory_.batch(), s.size(1)), 1)[1]);
    }

    const int64_t candidates_;
    mneme::ReplayMemory memory_;
    const mneme::Random view_;
    mneme::Optimizer descend_;
};

} // namespace

MNEME_METHOD(Mir, "mir", "replay of the stored examples whose loss the next step raises most",
             "arXiv:1908.04742", stores_examples)
