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
#include <mneme/mneme.hpp>
#include <mneme/replay_learner.hpp>

namespace {

class Mir final : public mneme::ReplayLearner {
  public:
    explicit Mir(mneme::Setup& s)
        : ReplayLearner(s, {.lr = 0.05, .batch_size = 10, .momentum = 0}, {"reservoir"}, 10),
          candidates_(s.options.count("candidates", 50, {.min = 1},
                                      "C, stored examples whose losses are compared")) {}

    void observe(const mneme::Batch& batch) override {
        descend(concat(batch, memory().augmented_at(interfered(batch))));
        memory().add(batch.as_stored());
    }

  private:
    mneme::Tensor interfered(const mneme::Batch& batch) const { // positions [S, memory_batch]
        constexpr auto mode = mneme::Mode::batch_stats;
        const auto at_random = memory().draw(candidates_);
        const auto rows = memory().at(at_random);
        const auto g = net().gradient(weights(), batch, mode);
        const auto before = net().losses(net().logits(weights(), rows.x, mode), rows);
        const auto virtual_step = at(weights().theta - optimizer().rate() * g);
        const auto after = net().losses(net().logits(virtual_step, rows.x, mode), rows);
        const auto s = (after - before).masked_fill(rows.weight <= 0, -1e30);
        return at_random.gather(1, s.topk(std::min(memory().batch(), s.size(1)), 1)[1]);
    }

    const int64_t candidates_;
};

} // namespace

MNEME_METHOD(Mir, "mir", "replay of the stored examples whose loss the next step raises most",
             "arXiv:1908.04742", stores_examples)
