// SPDX-License-Identifier: Apache-2.0
// A memory that is walked through, task by task or mixed: random examples of each class, stored for
// a whole task at once, in batches whose order is drawn before a phase for all its epochs. (A
// memory that a step draws from: ReplayMemory.)
//   by_task   a batch is all that is stored of one task; an epoch visits each task once
//   mixed     a batch is at most `batch` rows of any task; an epoch begins a new pass over the
//       memory until it has had its batches
#pragma once

#include <string_view>
#include <vector>

#include <mneme/learner.hpp>
#include <mneme/rows.hpp>

namespace mneme {

class TaskMemory final {
  public:
    // Declares memory_per_class; `purpose` names the source of the order.
    TaskMemory(Setup& s, std::string_view purpose)
        : per_class_(s.options.count("memory_per_class", 1, {.min = 1},
                                     "examples kept per class and task")),
          order_(s.random(purpose)), replicas_(s.replicas), tick_(zeros({1}, DType::int64)) {}

    void store(const Task& task) { append(store_, task.train().per_class(per_class_)); }

    bool empty() const { return !store_.x.defined(); }
    int64_t tasks() const { return static_cast<int64_t>(sizes().size()); }
    int64_t rows(int64_t tasks) const { // of the first tasks that were stored
        int64_t n = 0;
        for (int64_t size : sizes(tasks)) n += size;
        return n;
    }

    // Before a phase: its batches from the first `tasks` tasks. Where a step of an epoch has none
    // left, next() weighs 0.
    void by_task(const Phase& phase, int64_t tasks) {
        const auto each = sizes(tasks);
        const int64_t most = each.empty() ? 0 : *std::max_element(each.begin(), each.end());
        std::vector<int64_t> at; // [tasks, most]
        for (int64_t task = 0, row = 0; task < tasks; ++task)
            for (int64_t k = 0; k < most; ++k)
                at.push_back(k < each[static_cast<std::size_t>(task)] ? row++ : -1);
        const auto places = Tensor::of(at, {tasks, most});
        lay_out(phase, [&] {
            return places.index_select(0, order_.permutation(tasks).reshape({-1}))
                .reshape({replicas_, tasks, most});
        });
    }
    void mixed(const Phase& phase, int64_t tasks, int64_t batch,
               int64_t batches) { // `batches` an epoch
        const int64_t n = rows(tasks), size = std::min(batch, n),
                      pass = (n + size - 1) / size; // batches of a pass
        lay_out(phase, [&] {
            std::vector<Tensor> passes;
            for (int64_t had = 0; had < batches; had += pass)
                passes.push_back(
                    longer(order_.permutation(n), pass * size).reshape({replicas_, pass, size}));
            return cat(passes, 1).narrow(1, 0, batches);
        });
    }

    Batch next() {
        const auto at = plan_.index_select(1, tick_).squeeze(1); // [S, rows]
        const auto none = at < 0;
        tick_ += 1;
        auto batch = pick(store_, at.masked_fill(none, 0));
        batch.weight = batch.weight.masked_fill(none, 0);
        return batch;
    }

    void state(State& s) {
        s("store", store_);
        s("~plan", plan_);
        s("~tick", tick_);
    }

  private:
    std::vector<int64_t> sizes(int64_t tasks = -1) const { // rows of each; the same in all replicas
        std::vector<int64_t> sizes;
        double last = -1;
        for (double task : empty() ? std::vector<double>() : store_.task.select(0, 0).to_vector()) {
            if (task != last) sizes.push_back(0), last = task;
            ++sizes.back();
        }
        if (tasks >= 0) sizes.resize(static_cast<std::size_t>(tasks));
        return sizes;
    }
    // To `size` along axis 1; what is new points nowhere.
    static Tensor longer(const Tensor& at, int64_t size) {
        auto shape = at.shape();
        shape[1] = size - shape[1];
        return shape[1] > 0 ? cat({at, at.new_full(shape, -1)}, 1) : at.narrow(1, 0, size);
    }
    template <class F> void lay_out(const Phase& phase, F&& epoch) { // epoch: [S, batches, rows]
        std::vector<Tensor> epochs;
        for (int64_t e = 0; e < phase.epochs; ++e) epochs.push_back(longer(epoch(), phase.steps));
        plan_ = cat(epochs, 1);
        tick_.zero_();
    }

    const int64_t per_class_;
    Random order_;
    const int64_t replicas_;
    Batch store_; // [S, rows], task by task
    Tensor plan_; // [S, steps of the phase, rows] int64: positions in the store, -1: none
    Tensor tick_; // [1] int64: steps made
};

} // namespace mneme
