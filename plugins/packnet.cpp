// SPDX-License-Identifier: Apache-2.0
// PackNet: iterative pruning. Mallya, Lazebnik 2017, arXiv:1711.05769, section 3.
//
//   train:    theta_i <- descent on the free weights; those of earlier tasks take part, fixed
//   prune:    in each layer the free weights with the smallest |theta|, a share `prune`, become 0
//   retrain:  those that are left, with the others at 0; then they belong to task t
//   task t is answered with the weights of tasks 1..t, so forgetting is exactly 0
//
// Each task has its own rows of the head, which are not pruned. Biases, scales and shifts train in
// the first task alone, as in the paper; running statistics are kept for each task (in the paper
// they are the first's). The rate of retraining is lr / 10. Weight decay acts on what trains.
#include <cmath>

#include <mneme/descent_learner.hpp>
#include <mneme/mneme.hpp>
#include <mneme/select.hpp>

namespace {

class Packnet final : public mneme::DescentLearner {
  public:
    explicit Packnet(mneme::Setup& s)
        : DescentLearner(s, {.lr = 0.01, .batch_size = 32, .momentum = 0.9}),
          prune_(s.options.real("prune", 0.5, {.min = 0, .max = 1},
                                "share of the free weights that a task leaves to later ones")),
          retrain_(s.options.count("retrain_epochs", 1, {.min = 0}, "passes after pruning")),
          layer_(s.net.per_column([](const mneme::Layer& l) {
              return l.kind == mneme::LayerKind::weight ? 1 : 0;
          }) > 0),
          pruned_(layer_ && !s.net.head_columns()),
          others_(s.net.real() && !layer_ && !s.net.head_columns()),
          owner_(zeros_like(weights().theta)), moves_(owner_ > 0), none_(mneme::zeros({1, 1})) {}

    std::vector<mneme::Phase> phases(const mneme::Task&) const override {
        std::vector<mneme::Phase> list{{}};
        if (retrain_ > 0) list.push_back({.name = "retrain", .epochs = retrain_});
        return list;
    }
    void begin_task(const mneme::Task& task) override {
        DescentLearner::begin_task(task);
        number_ = task.index + 1;
        of_task_ = net().head_columns(task.classes);
        moves_.copy_((pruned_ && (owner_ == 0)) || of_task_);
        if (task.first()) moves_.copy_(moves_ || others_);
    }
    void begin_phase(const mneme::Phase& phase) override {
        optimizer().reset();
        if (phase.name == "retrain") optimizer().set_rate(optimizer().rate() * 0.1);
    }

    void observe(const mneme::Batch& batch) override { descend(batch, {.mask = moves_}); }

    void end_phase(const mneme::Phase& phase) override {
        if (phase.name == "retrain") return;
        auto& theta = weights().theta;
        for (const auto& l : net().layers()) {
            const auto part = [&](const mneme::Tensor& t) {
                return t.narrow(1, l.offset, l.numel);
            };
            const auto free = part(pruned_) && (part(owner_) == 0);
            const double count = free.sum(1).amax(0).item(); // the same in all replicas
            const auto kept = static_cast<int64_t>(count - std::floor(prune_ * count));
            if (kept == 0) continue;
            const auto size = where(free, abs(part(theta)), none_ - 1);
            auto owner = part(owner_);
            owner.copy_(owner.masked_fill(mneme::largest_of(size, kept), double(number_)));
        }
        theta.copy_(where(pruned_ && (owner_ == 0), none_, theta));
        moves_.copy_(moves_ && !(pruned_ && (owner_ != number_)));
    }

    void end_task(const mneme::Task&) override { stats_.push_back(weights().stats.clone()); }

    mneme::Tensor predict(const mneme::Tensor& x, mneme::TaskId task) const override {
        if (!task || *task >= int64_t(stats_.size())) return Learner::predict(x, task);
        const auto later = pruned_ && ((owner_ == 0) || (owner_ > *task + 1));
        return net().logits({where(later, none_, weights().theta), stats_[std::size_t(*task)]}, x,
                            mneme::Mode::eval);
    }

    void state(mneme::State& s) override {
        DescentLearner::state(s);
        s("owner", owner_), s("stats", stats_);
        s("~moves", moves_), s("~number", number_);
    }

  private:
    const double prune_;
    const int64_t retrain_;
    const mneme::Tensor layer_, pruned_,
        others_;            // [1, P] bool: weights; of hidden layers; the rest
    mneme::Tensor owner_;   // [S, P]: the task, from 1, that a weight belongs to; 0: free
    mneme::Tensor moves_;   // [S, P] bool
    mneme::Tensor of_task_; // [1, P] bool
    const mneme::Tensor none_;
    std::vector<mneme::Tensor> stats_; // of each task that is over
    int64_t number_ = 0;               // of the task under way, from 1
};

} // namespace

MNEME_METHOD(Packnet, "packnet", "prunes after each task and trains the next in what is free",
             "arXiv:1711.05769", needs_task_id)
