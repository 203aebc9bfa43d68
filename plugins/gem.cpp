// SPDX-License-Identifier: Apache-2.0
// Gradient Episodic Memory. Lopez-Paz, Ranzato 2017, arXiv:1706.08840, eq. 8 to 11.
//
//   min_v  1/2 v^T G G^T v + (G g)^T v,  v >= gamma;      g~ = G^T v + g,    G: a row g_k for each
//   earlier task, the gradient on all that is stored of it;   g~ = g where G g >= 0
//
// gamma biases v towards backward transfer; as in the authors' code it is v's lower bound. The dual
// is solved by qp_steps accelerated projected steps from gamma, not by an exact solver; "violated"
// reports how often it was needed and "residual" how far the constraints are from being met. Stored
// are random rows of each class at the task's end, where the paper has the last rows.
#include <mneme/descent_learner.hpp>
#include <mneme/mneme.hpp>
#include <mneme/replicas.hpp>
#include <mneme/rows.hpp>

namespace {

using mneme::Tensor;

class Gem final : public mneme::DescentLearner {
  public:
    explicit Gem(mneme::Setup& s)
        : DescentLearner(s, {.lr = 0.1, .batch_size = 10, .momentum = 0}),
          per_class_(s.options.count("memory_per_class", 20, {.min = 1},
                                     "examples kept per class and task")),
          gamma_(s.options.number("gamma", 0.5, {.min = 0}, "lower bound of v: memory strength")),
          qp_steps_(s.options.count("qp_steps", 100, {.min = 1}, "steps that solve for v")),
          violated_(s.diagnostic("violated", "1", "share of steps with a violated constraint")),
          residual_(s.diagnostic("residual", "1", "largest -g~.g_k / |g|^2 met in a step")),
          count_(mneme::zeros({s.replicas, 1})), steps_(count_.clone()), worst_(count_.clone()) {}

    void begin_task(const mneme::Task& task) override {
        DescentLearner::begin_task(task);
        for (auto* t : {&count_, &steps_, &worst_}) t->zero_();
    }

    void observe(const mneme::Batch& batch) override {
        auto g = net().gradient(weights(), batch);
        if (!ends_.empty()) project(g);
        descend(g);
    }

    void end_task(const mneme::Task& task) override {
        append(memory_, task.train().per_class(per_class_));
        ends_.push_back(memory_.rows());
        if (task.first()) return;
        violated_((count_ / steps_).squeeze(1));
        residual_(worst_.squeeze(1));
    }

    void state(mneme::State& s) override {
        DescentLearner::state(s);
        s("memory", memory_), s("ends", ends_);
        s("~count", count_), s("~steps", steps_), s("~worst", worst_);
    }

  private:
    void project(Tensor& g) {
        std::vector<Tensor> rows;
        for (std::size_t k = 0; k < ends_.size(); ++k) rows.push_back(of_task(k));
        const auto products = mneme::each_replica({stack(rows, 1), g}, [](const auto& in) {
            const auto G = in[0];
            return std::vector<Tensor>{G.matmul(G.transpose(1, 2)),
                                       G.matmul(in[1].unsqueeze(2)).squeeze(2)};
        });
        const auto &GG = products[0], &Gg = products[1]; // [S, K, K], [S, K]
        const auto violates = (Gg < 0).any(1, mneme::keepdim);
        const auto v = where(violates, dual(GG, Gg), zeros_like(Gg));
        const auto left = (GG * v.unsqueeze(1)).sum(2) + Gg; // G g~
        for (std::size_t k = 0; k < rows.size(); ++k)
            g = where(violates, g + v.narrow(1, int64_t(k), 1) * rows[k], g);
        count_ += violates;
        steps_ += 1;
        const auto gg = (g * g).sum(1, mneme::keepdim).clamp_min(1e-30);
        worst_.copy_(maximum(worst_, -left.amin(1, mneme::keepdim) / gg));
    }
    Tensor of_task(std::size_t k) const { // g_k
        const int64_t from = k == 0 ? 0 : ends_[k - 1], n = ends_[k] - from;
        return net().gradient(weights(), slice(memory_, from, n));
    }
    // Nesterov's steps with restarts: u <- max(gamma, w - (GG w + Gg) / L), L at least the largest
    // eigenvalue.
    Tensor dual(const Tensor& GG, const Tensor& Gg) const {
        const auto L = abs(GG).sum(2).amax(1, mneme::keepdim).clamp_min(1e-30);
        auto v = zeros_like(Gg) + gamma_, w = v;
        for (int64_t k = 0; k < qp_steps_; ++k) {
            const auto u = maximum(w - ((GG * w.unsqueeze(1)).sum(2) + Gg) / L, gamma_);
            const auto uphill = ((w - u) * (u - v)).sum(1, mneme::keepdim) > 0;
            w = where(uphill, u, u + (u - v) * (double(k) / double(k + 3)));
            v = u;
        }
        return v;
    }

    const int64_t per_class_;
    const Tensor gamma_; // [S, 1]
    const int64_t qp_steps_;
    const mneme::Diagnostic violated_, residual_;
    mneme::Batch memory_;          // task by task
    std::vector<int64_t> ends_;    // where each task's rows end
    Tensor count_, steps_, worst_; // [S, 1], of this task
};

} // namespace

MNEME_METHOD(Gem, "gem", "gradient projected so that no earlier task's stored loss rises",
             "arXiv:1706.08840", stores_examples, needs_task_boundaries)
