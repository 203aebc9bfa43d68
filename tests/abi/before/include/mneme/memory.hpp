// SPDX-License-Identifier: Apache-2.0
// Replay memory: a fixed number of slots per replica. A row that is not wanted is sent to a slot
// that is not there, so that which rows are kept is arithmetic and never a branch. Rows keep their
// task: the head rule holds for a memory row as for any other.
//   class_balanced  `memory_per_class` random examples of each class, stored at the task's end
//   ring            the last `memory_per_class` examples of each class, written while training;
//       drawn from when the task is over
//   reservoir       `memory` examples in all, each seen so far with equal probability (Vitter 1985,
//       algorithm R); drawn from at once
#pragma once

#include <string>
#include <vector>

#include <mneme/learner.hpp>
#include <mneme/rows.hpp>

namespace mneme {

class ReplayMemory final {
  public:
    enum class Policy { class_balanced, ring, reservoir };

    // Declares the shared options policy (the first is the default), memory_per_class, memory,
    // memory_batch.
    ReplayMemory(Setup& s, std::initializer_list<const char*> policies, int64_t batch,
                 int64_t per_class = 1)
        : policy_(named(s.options.choice("policy", policies, "which examples are kept"))),
          per_class_(s.options.count("memory_per_class", per_class, {.min = 1},
                                     "examples kept per class and task (class_balanced, ring)")),
          capacity_(has(policies, "reservoir") ? s.options.count("memory", 200, {.min = 1},
                                                                 "examples kept in all (reservoir)")
                                               : 0),
          batch_(
              s.options.count("memory_batch", batch, {.min = 1}, "stored examples drawn a step")),
          write_(s.random("memory_write")), draw_(s.random("memory_draw")), replicas_(s.replicas) {
        if (!s.boundaries && policy_ != Policy::reservoir)
            throw Error(
                "policy: class_balanced and ring keep examples when a task ends, and this stream "
                "announces none; \"reservoir\", where the "
                "method has it, would be right",
                MNEME_OPTION);
    }

    // At the task's start. The ring makes room for the task's classes, the reservoir once for all:
    // in a step nothing is made any more.
    void start(const Task& task) {
        const auto classes = static_cast<int64_t>(task.classes.size());
        classes_ = Tensor::of(task.classes, {classes});
        if (policy_ == Policy::ring) {
            seen_ = zeros({replicas_, classes}, DType::int64);
            first_ = range(classes) * per_class_ + 1;
            ring_ = room(one_row(task), classes * per_class_);
        }
        if (policy_ == Policy::reservoir && empty()) {
            seen_ = zeros({replicas_, 1}, DType::int64);
            store_ = room(one_row(task), capacity_);
        }
    }

    // After each step, with the current task's batch.
    void add(const Batch& batch) {
        if (policy_ == Policy::class_balanced) return;
        if (policy_ == Policy::reservoir) return add_reservoir(batch);
        add_ring(batch);
    }

    // At the task's end: from now on the task's examples are drawn.
    void finish(const Task& task) {
        if (policy_ == Policy::class_balanced) append(store_, task.train().per_class(per_class_));
        if (policy_ == Policy::ring && ring_.x.defined()) {
            append(store_, written(ring_));
            ring_ = {};
        }
    }

    bool empty() const { return !store_.x.defined(); }
    int64_t slots() const { return empty() ? 0 : store_.rows(); }

    // min(memory_batch, slots) rows, drawn without replacement for each replica; an empty slot
    // comes with weight 0.
    Batch sample() const {
        const auto keys =
            where(store_.weight > 0, draw_.uniform({slots()}), store_.weight.new_full({1, 1}, -1));
        return pick(store_, keys.topk(std::min(batch_, slots()), 1)[1]);
    }

    void state(State& s) {
        s("store", store_);
        s("~ring", ring_);
        s("~seen", seen_);
        s("~classes", classes_);
        s("~first", first_);
    }

  private:
    static Policy named(const std::string& name) {
        return name == "ring"        ? Policy::ring
               : name == "reservoir" ? Policy::reservoir
                                     : Policy::class_balanced;
    }
    static bool has(std::initializer_list<const char*> names, std::string_view name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    }

    // Without the slots that no replica has filled: a class had fewer examples than there was room
    // for.
    static Batch written(const Batch& b) {
        const auto any = b.weight.amax(0).to_vector();
        std::vector<int64_t> at;
        for (std::size_t k = 0; k < any.size(); ++k)
            if (any[k] > 0) at.push_back(static_cast<int64_t>(k));
        const auto index = Tensor::of(at, {static_cast<int64_t>(at.size())});
        return {b.x.index_select(1, index), b.y.index_select(1, index),
                b.task.index_select(1, index), b.weight.index_select(1, index), 0};
    }

    static Batch one_row(const Task& task) {
        const auto parts = task.train().batches(0, 1);
        return (*parts.begin()).batch;
    }
    Batch room(const Batch& like_batch, int64_t slots) const { // empty slots: weight 0
        auto shape = like_batch.x.shape();
        if (like_batch.x.size(0) == replicas_ && like_batch.x.dim() > 2) shape.erase(shape.begin());
        shape[0] = slots;
        shape.insert(shape.begin(), replicas_);
        return {like_batch.x.new_zeros(shape), zeros({replicas_, slots}, DType::int64),
                zeros({replicas_, slots}, DType::int64), zeros({replicas_, slots}), 0};
    }

    // Slot = position of the class * m + (seen of the class + rank in the batch) mod m. A row of
    // weight 0 gets none.
    void add_ring(const Batch& batch) {
        const auto one =
            (batch.y.unsqueeze(-1) == classes_) && (batch.weight.unsqueeze(-1) > 0); // [S, B, K]
        const auto number = seen_.unsqueeze(1) + one.cumsum(1); // of its class, from 1
        const auto slot = (first_ + (number - 1).remainder(per_class_)) * one; // from 1, 0: none
        put_rows(ring_, slot.amax(-1) - 1, batch);
        seen_.copy_(number.select(1, batch.rows() - 1));
    }

    // Row number N, from 0, takes slot N while there is room, else slot j drawn from {0..N}, if j
    // is one. A row of weight 0 gets none.
    void add_reservoir(const Batch& batch) {
        const auto one = batch.weight > 0;
        const auto seen = seen_ + one.cumsum(1); // [S, B], this row too
        const auto drawn = (write_.integers(int64_t{1} << 31, {batch.rows()}) * seen) >> 31;
        const auto number = seen * one - 1; // -1: no row
        put_rows(store_, where(number < capacity_, number, drawn), batch);
        seen_.copy_(seen.narrow(1, batch.rows() - 1, 1));
    }

    const Policy policy_;
    const int64_t per_class_, capacity_, batch_;
    Random write_, draw_;
    const int64_t replicas_;
    Batch store_, ring_; // [S, slots]; an empty slot has weight 0
    Tensor seen_; // ring: [S, K] examples seen of each class in this task; reservoir: [S, 1] in all
    Tensor classes_; // [K] the task's classes
    Tensor first_;   // ring: [K] int64, the first slot of each class, counted from 1
};

} // namespace mneme
